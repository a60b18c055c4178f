"""What the browser tests share: Chromium, JupyterLab on a folder of notebooks, a cell that is run"""
import json, os, shutil, socket, subprocess, sys, time, urllib.request
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
import psutil

flags = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
         "--disable-component-update", "--disable-sync"]

def chromium(): return shutil.which("chromium") or shutil.which("chromium-browser")

def slack():
    "How much longer things take here: processes that want to run, for each core; 1 on a machine with nothing else to do"
    return max(1., os.getloadavg()[0]/os.cpu_count())

def shot(page, name):
    "A picture to look at, if the environment names a folder for them: POLYIDIOM_SHOTS"
    if folder := os.environ.get("POLYIDIOM_SHOTS"): page.screenshot(path=f"{folder}/{name}.png")

def in_browser(look, width=1400, height=900, dark=False):
    "`look(page)` in a fresh Chromium, in a thread of its own: playwright's sync interface needs a thread without event loop"
    from playwright.sync_api import sync_playwright
    def work():
        with sync_playwright() as p:
            browser = p.chromium.launch(executable_path=chromium(), args=flags)
            try:
                scheme = "dark" if dark else "light"
                return look(browser.new_page(viewport=dict(width=width, height=height), color_scheme=scheme))
            finally: browser.close()
    with ThreadPoolExecutor(1) as ex: return ex.submit(work).result()

def write_notebook(file, *cells):
    "A notebook of code cells, with a kernel so that no dialog asks for one"
    code = [dict(cell_type="code", id=f"c{i}", source=c, metadata={}, outputs=[], execution_count=None) for i, c in enumerate(cells)]
    kernel = dict(display_name="python3", language="python", name="python3")
    file.write_text(json.dumps(dict(cells=code, metadata=dict(kernelspec=kernel), nbformat=4, nbformat_minor=5)))

def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]

@contextmanager
def lab(folder, box):
    "The address of a JupyterLab on `folder`, with its settings in `box`"
    port, names = free_port(), dict(CONFIG_DIR="config", DATA_DIR="share", RUNTIME_DIR="runtime")
    env = os.environ | {f"JUPYTER_{k}": str(box/v) for k, v in names.items()}
    args = ["--no-browser", "--allow-root", "--ip=127.0.0.1", f"--port={port}", "--IdentityProvider.token=", f"--notebook-dir={folder}"]
    p = subprocess.Popen([sys.executable, "-m", "jupyterlab", *args], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=env)
    try:
        for _ in range(480):
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{port}/api", timeout=2)
                break
            except OSError: time.sleep(.25)
        else: raise TimeoutError("JupyterLab did not answer within 120 s")
        yield f"http://127.0.0.1:{port}"
    finally:
        p.terminate()
        try: p.wait(30)
        except subprocess.TimeoutExpired:   # it may wait long for the kernels of a busy machine
            for q in [*psutil.Process(p.pid).children(recursive=True), p]:
                with suppress(psutil.NoSuchProcess): q.kill()
            p.wait()

def open_notebook(page, address, name):
    "Open a notebook and wait for its kernel"
    page.goto(f"{address}/lab/tree/{name}?reset")
    wait_idle(page)

def wait_idle(page):
    page.wait_for_selector('.jp-Notebook-ExecutionIndicator[data-status="idle"]', state="attached", timeout=120_000)

def close_dialog(page):
    "Accept what JupyterLab asks while it starts on a busy machine, and say what it was"
    for dialog in page.locator(".jp-Dialog").all():
        print("JupyterLab asked:", " / ".join(dialog.inner_text().split("\n")))
        dialog.locator(".jp-mod-accept").click()

def run_cell(page, n, shown=None, seconds=120):
    "Run cell `n`; wait until it is done, and `shown` is on the page"
    from playwright.sync_api import TimeoutError as Late
    prompt = f"document.querySelectorAll('.jp-Cell')[{n}].querySelector('.jp-InputPrompt').innerText"
    before, end = page.evaluate(prompt), time.monotonic() + seconds
    while True:      # before the kernel is ready a key press gets lost, and a dialog may come up: press again
        close_dialog(page)
        if time.monotonic() > end: raise TimeoutError(f"cell {n} did not run within {seconds} s")
        try: page.locator(".jp-Cell").nth(n).locator(".cm-content").click(timeout=3000)
        except Late: continue
        page.keyboard.press("Shift+Enter")
        page.wait_for_timeout(500)
        while "*" in (now := page.evaluate(prompt)) and time.monotonic() < end: page.wait_for_timeout(50)
        if now != before and any(c.isdigit() for c in now): break
    if shown: page.wait_for_selector(shown, timeout=30_000)
