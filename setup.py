"Reads settings.ini into the wheel's dependencies, extras and entry points (the rest stands in pyproject.toml)."
from configparser import ConfigParser
from pathlib import Path
from setuptools import setup

ini = ConfigParser(delimiters="=")
with open(Path(__file__).parent/"settings.ini", encoding="utf-8") as f: ini.read_file(f)   # a missing file stops the build
cfg = ini["DEFAULT"]
lines = lambda key: [o.strip() for o in cfg.get(key, "").splitlines() if o.strip()]
setup(install_requires=lines("requirements"),
      extras_require={k.removesuffix("_requirements"): lines(k) for k in cfg if k.endswith("_requirements")},
      entry_points={"console_scripts": lines("console_scripts"), "papermill.engine": lines("papermill_engines"),
                    "nbdev": ["polyidiom=polyidiom._modidx:d"]})
