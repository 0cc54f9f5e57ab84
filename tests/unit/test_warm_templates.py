"""Templates and expressions are compiled once for all workers, and give what they give without that."""

import warnings
from pathlib import Path
from typing import Any

import pytest
from ansible._internal._templating import _jinja_bits
from ansible._internal._templating._engine import TemplateEngine, TemplateOptions
from ansible.errors import AnsibleTemplateSyntaxError
from ansible.parsing.dataloader import DataLoader
from ansible.plugins.loader import filter_loader, init_plugin_loader, test_loader
from ansible.template import trust_as_template
from jinja2.environment import Environment

from trading_platform.warm import code_store, templates

VARIABLES = {"a": 1, "items": ["x", "y"], "nested": trust_as_template("{{ a + 1 }}"), "quoted": 'say "{{ a }}"'}
TEMPLATES = [
    "{{ a }}",
    "{{ nested }}",
    "{{ items | map('upper') | join(', ') }}",
    "{{ items | select('match', 'x') | list }}",
    "{{ {'b': nested, 'c': items} | combine({'d': a}) }}",
    "{% for one in items %}{{ loop.index }} {{ one }}\n{% endfor %}",
    "{{ 'a\\1b' | regex_replace('^(a)', '\\1\\1') }}",
    "{{ quoted }} {{ 'grüße' }}",
    "#jinja2: variable_start_string:'[[', variable_end_string:']]'\n[[ a ]] {{ a }}",
    "{{ missing | default('none') }}",
    "plain",
]
EXPRESSIONS = [
    "a == 1",
    "nested > 1 and 'x' in items",
    "missing is undefined",
    "items | length",
    "missing | default(a)",
]


@pytest.fixture(autouse=True)
def _stock_again(monkeypatch: pytest.MonkeyPatch) -> None:
    with warnings.catch_warnings(action="ignore"):  # that it is loaded already
        init_plugin_loader()
    for name in ("compile", "compile_expression"):
        monkeypatch.setattr(_jinja_bits.AnsibleEnvironment, name, getattr(_jinja_bits.AnsibleEnvironment, name))


def _all_results() -> list[Any]:
    engine = TemplateEngine(DataLoader(), VARIABLES)
    return [
        *(engine.template(trust_as_template(one)) for one in TEMPLATES),
        *(engine.evaluate_expression(trust_as_template(one)) for one in EXPRESSIONS),
    ]


def _remember(directory: Path) -> None:
    """As in a worker: nothing but the directory is known."""
    store = code_store.CodeStore(directory)
    templates.remember(_jinja_bits, (filter_loader, test_loader), store)


def _forbid_compiling(monkeypatch: pytest.MonkeyPatch) -> None:
    def compiling(*_: object, **__: object) -> None:
        raise AssertionError("compiled again")

    monkeypatch.setattr(Environment, "_generate", compiling)


def test_another_worker_compiles_nothing_and_gets_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stock = _all_results()
    compiling = _jinja_bits.AnsibleEnvironment.compile, _jinja_bits.AnsibleEnvironment.compile_expression
    _remember(tmp_path)
    assert _all_results() == stock
    _jinja_bits.AnsibleEnvironment.compile, _jinja_bits.AnsibleEnvironment.compile_expression = compiling
    _remember(tmp_path)
    _forbid_compiling(monkeypatch)
    assert _all_results() == stock
    assert len(list(tmp_path.iterdir())) >= len({*TEMPLATES, *EXPRESSIONS}) - 1


def test_code_for_other_options_is_other_code(tmp_path: Path) -> None:
    _remember(tmp_path)
    engine = TemplateEngine(DataLoader(), VARIABLES)
    text = trust_as_template("{{ 'x\\ty' }}")
    raw = TemplateOptions(escape_backslashes=False)
    assert (engine.template(text), engine.template(text, options=raw)) == ("x\\ty", "x\ty")


def test_a_filter_that_a_role_brings_later_is_known(tmp_path: Path) -> None:
    """Code compiled without a filter does not know that it wants the context."""
    _remember(tmp_path / "none")
    before = len(filter_loader._extra_dirs)
    engine = TemplateEngine(DataLoader(), VARIABLES)
    text = trust_as_template("{% if a == 1 %}{{ 'a' | of_a_role }}{% endif %}")
    with pytest.raises(Exception, match="of_a_role"):
        engine.template(text)
    plugins = tmp_path / "filter_plugins"
    plugins.mkdir()
    (plugins / "of_a_role.py").write_text(
        "import jinja2\n"
        "@jinja2.pass_context\n"
        "def of_a_role(context, name):\n    return context.resolve(name)\n"
        "class FilterModule:\n    def filters(self):\n        return {'of_a_role': of_a_role}\n"
    )
    try:
        filter_loader.add_directory(str(plugins))
        assert TemplateEngine(DataLoader(), VARIABLES).template(text) == 1
    finally:
        del filter_loader._extra_dirs[before:]
        filter_loader._clear_caches()


@pytest.mark.parametrize("text", ["{{ a b }}", "{% if %}", "{{ 'x' | no_such_filter }}"])
def test_what_cannot_be_compiled_fails_as_before(tmp_path: Path, text: str) -> None:
    def error() -> str:
        with pytest.raises(Exception, match=r".") as caught:
            TemplateEngine(DataLoader(), VARIABLES).template(trust_as_template(text))
        return f"{type(caught.value).__name__}: {caught.value}"

    stock = error()
    _remember(tmp_path)
    assert error() == error() == stock
    assert not list(tmp_path.iterdir())


def test_an_expression_that_fails_leaves_no_name_for_the_next_code(tmp_path: Path) -> None:
    _remember(tmp_path)
    engine = TemplateEngine(DataLoader(), VARIABLES)
    with pytest.raises(AnsibleTemplateSyntaxError):
        engine.evaluate_expression(trust_as_template("a b"))
    assert engine.template(trust_as_template("{{ a }}")) == 1
    with pytest.raises(AnsibleTemplateSyntaxError):
        engine.evaluate_expression(trust_as_template("a b"))


def test_without_a_directory_to_write_to_it_works_all_the_same(tmp_path: Path) -> None:
    stock = _all_results()
    _remember(tmp_path / "missing")
    assert _all_results() == stock
