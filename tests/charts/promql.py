"""What a PromQL expression asks for: metrics, the labels it expects of them, and the labels of what comes out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import promql_parser as ast

COUNTERS_ONLY = {"rate", "irate", "increase"}
"""Functions that mean something for counters alone."""
GAUGES_ONLY = {"delta", "deriv", "predict_linear"}
"""Functions that a counter's resets would deceive."""


COMPARISONS = {"<", ">", "<=", ">=", "==", "!="}
SETS = {"and", "or", "unless"}


class WrongError(Exception):
    """An expression that cannot mean what it says; the message says where."""


@dataclass(frozen=True)
class Metric:
    """A series that exists: what it is and the labels it has. Buckets, sums and counts of a histogram are three."""

    kind: str
    labels: frozenset[str]


@dataclass(frozen=True)
class Use:
    """A metric as an expression uses it: with matchers (label, operator, value), within these functions, inside out."""

    metric: str
    matchers: tuple[tuple[str, str, str], ...]
    functions: tuple[str, ...]


@dataclass(frozen=True)
class Catalogue:
    """Every series there is, by name; checks expressions against it."""

    metrics: Mapping[str, Metric]

    def labels(self, text: str) -> frozenset[str]:
        """Labels of the result. Raises WrongError for what cannot be."""
        return self._labels(parse(text))

    def _labels(self, expr: ast.Expr) -> frozenset[str]:
        match expr:
            case ast.ParenExpr() | ast.UnaryExpr() | ast.SubqueryExpr():
                return self._labels(expr.expr)
            case ast.NumberLiteral() | ast.StringLiteral():
                return frozenset()
            case ast.VectorSelector():
                return self._selected(expr)
            case ast.MatrixSelector():
                return self._selected(expr.vector_selector)
            case ast.AggregateExpr():
                return self._aggregated(expr)
            case ast.Call():
                return self._called(expr)
            case ast.BinaryExpr():
                return self._combined(expr)
        raise AssertionError(f"unknown part of PromQL: {type(expr)}")

    def _selected(self, selector: ast.VectorSelector) -> frozenset[str]:
        assert selector.name, "a selector without a name cannot be checked"
        if selector.name not in self.metrics:
            raise WrongError(f"no job exports {selector.name}, and no rule records it")
        known = self.metrics[selector.name].labels
        for matcher in selector.matchers.matchers:
            if matcher.name not in known:
                raise WrongError(f"{selector.name} has no label {matcher.name}; it has {', '.join(sorted(known))}")
        return known

    def _aggregated(self, aggregate: ast.AggregateExpr) -> frozenset[str]:
        inner = self._labels(aggregate.expr)
        named = frozenset(aggregate.modifier.labels) if aggregate.modifier else frozenset()
        if unknown := named - inner:
            raise WrongError(
                f"{aggregate.op} by {', '.join(sorted(unknown))}: what is summed up has only {sorted(inner)}"
            )
        if aggregate.modifier and aggregate.modifier.type == ast.AggModifierType.Without:
            return inner - named
        if str(aggregate.op) in ("topk", "bottomk"):
            return inner
        if str(aggregate.op) == "count_values":
            return named | {aggregate.param.val}
        return named

    def _called(self, call: ast.Call) -> frozenset[str]:
        name = call.func.name
        inner = [self._labels(argument) for argument in call.args]
        if name == "absent":
            selector = call.args[0]
            return frozenset(one.name for one in selector.matchers.matchers if one.op == ast.MatchOp.Equal)
        if name == "histogram_quantile":
            if "le" not in inner[1]:
                raise WrongError("histogram_quantile of something without the label le")
            return inner[1] - {"le"}
        if name == "label_replace":
            if call.args[3].val not in inner[0]:
                raise WrongError(f"label_replace reads {call.args[3].val}, which is not there")
            return inner[0] | {call.args[1].val}
        return frozenset().union(*inner)

    def _combined(self, binary: ast.BinaryExpr) -> frozenset[str]:
        left, right = self._labels(binary.lhs), self._labels(binary.rhs)
        if _scalar(binary.lhs) or _scalar(binary.rhs):
            return left | right
        modifier = binary.modifier
        on = _on(modifier, left | right)
        for side in (left, right):
            if missing := on - side:
                raise WrongError(f"{binary.op} on {', '.join(sorted(missing))}, which one side lacks: {sorted(side)}")
        if str(binary.op) == "or":
            return left | right
        if str(binary.op) in ("and", "unless"):
            if not (modifier and modifier.matching) and left != right:
                raise WrongError(f"{binary.op} of {sorted(left)} and {sorted(right)}, which never match")
            return left
        grouped = frozenset(modifier.group_labels or ()) if modifier else frozenset()
        if modifier and modifier.card == ast.VectorMatchCardinality.ManyToOne:
            return left | grouped
        if modifier and modifier.card == ast.VectorMatchCardinality.OneToMany:
            return right | grouped
        if not (modifier and modifier.matching) and left != right:
            raise WrongError(f"{binary.op} of {sorted(left)} and {sorted(right)}, which never match")
        return left if str(binary.op) in COMPARISONS else on or left


def parse(text: str) -> ast.Expr:
    """The expression's tree. Raises WrongError."""
    try:
        return ast.parse(text)
    except ValueError as error:
        raise WrongError(f"{error}: {text}") from error


def _scalar(expr: ast.Expr) -> bool:
    while isinstance(expr, ast.ParenExpr | ast.UnaryExpr):
        expr = expr.expr
    if isinstance(expr, ast.BinaryExpr):
        return _scalar(expr.lhs) and _scalar(expr.rhs)
    return isinstance(expr, ast.NumberLiteral) or (isinstance(expr, ast.Call) and expr.func.name in ("time", "scalar"))


def _on(modifier: ast.BinModifier | None, everything: frozenset[str]) -> frozenset[str]:
    if modifier is None or modifier.matching is None:
        return frozenset()
    named = frozenset(modifier.matching.labels)
    return named if modifier.matching.type == ast.LabelModifierType.Include else everything - named


def uses(text: str) -> list[Use]:
    """Every metric that the expression asks for."""
    return list(_uses(parse(text), ()))


def _uses(expr: ast.Expr, functions: tuple[str, ...]) -> Iterator[Use]:
    match expr:
        case ast.VectorSelector():
            matchers = tuple((one.name, str(one.op).split(".")[-1], one.value) for one in expr.matchers.matchers)
            yield Use(expr.name or "", matchers, functions)
        case ast.MatrixSelector():
            yield from _uses(expr.vector_selector, functions)
        case ast.Call():
            for argument in expr.args:
                yield from _uses(argument, (expr.func.name, *functions))
        case ast.BinaryExpr():
            yield from _uses(expr.lhs, functions)
            yield from _uses(expr.rhs, functions)
        case ast.AggregateExpr() | ast.ParenExpr() | ast.UnaryExpr() | ast.SubqueryExpr():
            yield from _uses(expr.expr, functions)


def wrong_functions(use: Use, metric: Metric) -> list[str]:
    """What is wrong with the functions that a metric is given to, by its kind."""
    inner = use.functions[0] if use.functions else ""
    found = []
    if inner in COUNTERS_ONLY and metric.kind not in ("counter", "bucket"):
        found.append(f"{inner} of {use.metric}, which is a {metric.kind}")
    if inner in GAUGES_ONLY and metric.kind != "gauge":
        found.append(f"{inner} of {use.metric}, which is a {metric.kind}")
    if "histogram_quantile" in use.functions and metric.kind != "bucket":
        found.append(f"histogram_quantile of {use.metric}, which is no bucket")
    return found


def comparisons(text: str) -> list[tuple[str, float]]:
    """Comparisons with a number, left to right: ``[(">", 80.0)]`` of ``x > 80``; products of numbers are worked out."""
    return list(_comparisons(parse(text)))


def _comparisons(expr: ast.Expr) -> Iterator[tuple[str, float]]:
    match expr:
        case ast.BinaryExpr():
            yield from _comparisons(expr.lhs)
            if str(expr.op) in COMPARISONS and _scalar(expr.rhs):
                yield str(expr.op), number(expr.rhs)
            yield from _comparisons(expr.rhs)
        case ast.AggregateExpr() | ast.ParenExpr() | ast.UnaryExpr():
            yield from _comparisons(expr.expr)
        case ast.Call():
            for argument in expr.args:
                yield from _comparisons(argument)


def threshold(text: str) -> tuple[str, float]:
    """The comparison that decides: the outermost of what stands before `and`, `or` and `unless`."""
    expr = parse(text)
    while isinstance(expr, ast.ParenExpr) or (isinstance(expr, ast.BinaryExpr) and str(expr.op) in SETS):
        expr = expr.expr if isinstance(expr, ast.ParenExpr) else expr.lhs
    assert isinstance(expr, ast.BinaryExpr) and str(expr.op) in COMPARISONS, f"compares nothing: {text}"
    return str(expr.op), number(expr.rhs)


def number(expr: ast.Expr) -> float:
    """The value of an expression of numbers."""
    match expr:
        case ast.NumberLiteral():
            return expr.val
        case ast.ParenExpr():
            return number(expr.expr)
        case ast.BinaryExpr() if str(expr.op) == "*":
            return number(expr.lhs) * number(expr.rhs)
    raise AssertionError(f"no number: {expr.prettify()}")


def parse_seconds(duration: str) -> float:
    """Seconds of a duration like 15m."""
    return ast.parse_duration(duration).total_seconds()
