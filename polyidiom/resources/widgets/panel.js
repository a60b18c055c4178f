/* A view on the page: draws the HTML that Python has made, and sends Python what is clicked, typed and pressed.
   Shown and explained in nbs/81c_widgets.ipynb. It loads nothing, and knows nothing of idioms. */

const fields = 'input,select,textarea';
const silent = 'No answer. The kernel is busy, or it was restarted: then run the cell again. ' +
               'Whatever was decided is on disk.';

function frame(el) {
  el.innerHTML = `<div class="polyidiom-view" tabindex="0" data-lm-suppress-shortcuts="true">
    <div class="pi-bar"></div><div class="pi-body"></div>
    <div class="pi-note" role="status" aria-live="polite"></div></div>`;
  const root = el.firstElementChild;
  return {root, bar: root.children[0], body: root.children[1], note: root.children[2]};
}

function talk(model, at) {
  let timer = null;
  const say = text => { clearTimeout(timer); timer = null; at.note.textContent = text; };
  model.on('msg:custom', m => say(m.note || ''));
  return (act, value) => {
    const shown = at.body.querySelector('[data-shown]');
    timer = timer || setTimeout(() => { at.note.textContent = silent; }, 3000);
    try { model.send({act, value, shown: shown && shown.dataset.shown}); }
    catch (e) { at.note.textContent = silent; }
  };
}

function listen(model, at, send) {
  const value = e => (e.dataset.value ? e.dataset.value + '=' : '') + e.value;
  let typing = null;
  at.root.addEventListener('click', e => {
    const t = e.target.closest('[data-act]');
    if (!t || t.matches(fields) || t.disabled) return;
    const area = t.dataset.from && at.body.querySelector(t.dataset.from);
    send(t.dataset.act, area ? area.value : t.dataset.value);
    at.root.focus({preventScroll: true});
  });
  at.root.addEventListener('change', e => {
    if (!e.target.matches('select[data-act]')) return;
    send(e.target.dataset.act, value(e.target));
    at.root.focus();
  });
  at.root.addEventListener('input', e => {
    if (!e.target.matches('input[data-act]')) return;
    clearTimeout(typing);
    typing = setTimeout(() => send(e.target.dataset.act, value(e.target)), 200);
  });
}

function keys(model, at, send) {
  at.root.addEventListener('keydown', e => {
    e.stopPropagation();
    if (e.target.matches(fields)) {
      if (e.key === 'Escape') at.root.focus();
      if (e.key === 'Enter' && e.ctrlKey) at.body.querySelector('[data-from]')?.click();
      return;
    }
    if (e.ctrlKey || e.metaKey || e.altKey) return;
    if (e.key === 'Enter' && e.target.matches('[data-act]:not(button)')) return e.target.click();
    const known = model.get('known'), place = e.code.replace(/^(Key|Digit|Numpad)/, '').toLowerCase();
    const found = known[e.key] || known[place];
    if (!found) return;
    e.preventDefault();
    if (!e.repeat || found[2]) send(found[0], found[1]);
  });
}

function retype(part, was) {
  const same = e => e.dataset.act === was.dataset.act && e.dataset.value === was.dataset.value;
  const now = [...part.querySelectorAll('input[data-act]')].find(same);
  if (!now) return;
  const caret = was.selectionStart;
  now.value = was.value;
  now.focus();
  now.setSelectionRange(caret, caret);
}

function render({model, el}) {
  const at = frame(el), send = talk(model, at);
  const draw = part => {
    const active = document.activeElement;
    const was = at[part].contains(active) && active.matches('input[data-act]') ? active : null;
    at[part].innerHTML = model.get(part);
    if (was) retype(at[part], was);
    const field = at[part].querySelector('[data-focus]');
    if (!field) return;
    field.focus({preventScroll: true});
    field.scrollIntoView({block: 'nearest'});
  };
  for (const part of ['bar', 'body']) {
    draw(part);
    model.on('change:' + part, () => draw(part));
  }
  listen(model, at, send);
  keys(model, at, send);
}

export default {render};
