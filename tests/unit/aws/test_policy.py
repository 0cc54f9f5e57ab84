"""trading_platform.aws.policy: what AWS rearranges is no difference, and everything else is."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trading_platform.aws.policy import as_text, canonical

ACCOUNT = "123456789012"


def statement(**changed: Any) -> dict[str, Any]:
    """Give a policy of one statement."""
    one = {"Effect": "Allow", "Principal": {"AWS": ACCOUNT}, "Action": "kms:*", "Resource": "*", **changed}
    return {"Version": "2012-10-17", "Statement": [{key: value for key, value in one.items() if value is not None}]}


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (statement(), statement(Action=["kms:*"])),
        (statement(), statement(Principal={"AWS": [f"arn:aws:iam::{ACCOUNT}:root"]})),
        (statement(), statement(Sid="")),
        (statement(), {**statement(), "Statement": statement()["Statement"][0]}),
        (statement(), {**statement(), "Id": ""}),
        (statement(Principal="*"), statement(Principal={"AWS": "*"})),
        (statement(Action=["a:B", "a:A", "a:A"]), statement(Action=["a:A", "a:B"])),
        (
            statement(Condition={"Bool": {"aws:SecureTransport": False}}),
            statement(Condition={"Bool": {"aws:SecureTransport": ["false"]}}),
        ),
        (statement(Condition={"NumericLess": {"a": 7}}), statement(Condition={"NumericLess": {"a": "7"}})),
        (statement(Condition={}), statement()),
    ],
)
def test_what_means_the_same_is_equal(one: dict[str, Any], other: dict[str, Any]) -> None:
    assert canonical(one) == canonical(other)
    assert canonical(json.dumps(one)) == canonical(other)


@pytest.mark.parametrize(
    "changed",
    [
        {"Effect": "Deny"},
        {"Action": "kms:Decrypt"},
        {"Resource": "arn:aws:kms:us-east-1:123456789012:key/1"},
        {"Principal": {"AWS": "AROAIOSFODNN7EXAMPLE"}},
        {"Principal": {"Service": "logs.amazonaws.com"}},
        {"Principal": None, "NotPrincipal": {"AWS": ACCOUNT}},
        {"Sid": "Administration"},
        {"Condition": {"Bool": {"aws:SecureTransport": True}}},
    ],
)
def test_what_means_something_else_differs(changed: dict[str, Any]) -> None:
    assert canonical(statement(**changed)) != canonical(statement())


def test_a_policy_without_version_is_of_the_oldest() -> None:
    without = {"Statement": statement()["Statement"]}
    assert canonical(without) == canonical({**without, "Version": "2008-10-17"})
    assert canonical(without) != canonical(statement())


def test_an_account_is_of_its_partition() -> None:
    chinese = statement(Principal={"AWS": f"arn:aws-cn:iam::{ACCOUNT}:root"})
    assert canonical(statement(), "aws-cn") == canonical(chinese, "aws-cn")


def test_none_is_none_and_a_list_is_no_policy() -> None:
    assert canonical(None) is None
    with pytest.raises(ValueError, match="JSON object"):
        canonical("[]")


ACTIONS = st.lists(st.sampled_from(["s3:Get*", "s3:Put*", "s3:List*"]), min_size=1)
STATEMENTS = st.builds(
    lambda effect, actions, sid: {"Effect": effect, "Principal": "*", "Action": actions, "Resource": "*", "Sid": sid},
    st.sampled_from(["Allow", "Deny"]),
    ACTIONS,
    st.sampled_from(["", "A", "B"]),
)


@given(st.lists(STATEMENTS, max_size=5), st.randoms())
def test_order_never_matters_and_the_form_is_stable(statements: list[dict[str, Any]], random: Any) -> None:
    policy = {"Version": "2012-10-17", "Statement": statements}
    shuffled = [{**item, "Action": random.sample(item["Action"], len(item["Action"]))} for item in statements]
    random.shuffle(shuffled)
    once = canonical(policy)
    assert once is not None
    assert canonical({**policy, "Statement": shuffled}) == once
    assert canonical(once) == once
    assert canonical(as_text(once)) == once
