"""The module iam_oidc_provider: one provider an issuer."""

from __future__ import annotations

from typing import Any

import pytest
from harness import load, run_module, writes

from trading_platform.emulator.testing import EmulatorServer

main = load("iam_oidc_provider").main
URL = "https://oidc.eks.us-east-1.amazonaws.com/id/0123456789ABCDEF0123456789ABCDEF"
TAGS = {"Environment": "production", "ManagedBy": "ansible"}
ARGUMENTS = {"url": URL, "tags": TAGS}


@pytest.fixture
def iam(aws: EmulatorServer) -> Any:
    return aws.client("iam")


def providers(iam: Any) -> list[dict[str, Any]]:
    listed = iam.list_open_id_connect_providers()["OpenIDConnectProviderList"]
    return [iam.get_open_id_connect_provider(OpenIDConnectProviderArn=one["Arn"]) for one in listed]


def test_check_then_create_then_again(iam: Any) -> None:
    check = run_module(main, ARGUMENTS, check=True)
    assert check["changed"] and writes(check) == [] and providers(iam) == []
    result = run_module(main, ARGUMENTS)
    assert writes(result) == ["iam.CreateOpenIDConnectProvider"] and result["diff"] == check["diff"]
    (made,) = providers(iam)
    assert made["Url"] == URL.removeprefix("https://") and made["ClientIDList"] == ["sts.amazonaws.com"]
    assert {tag["Key"]: tag["Value"] for tag in made["Tags"]} == TAGS
    again = run_module(main, ARGUMENTS)
    assert not again["changed"] and again["iam_oidc_provider"]["arn"].endswith(made["Url"])
    assert again["api_calls"] == ["iam.ListOpenIDConnectProviders", "iam.GetOpenIDConnectProvider"]


def test_the_issuer_of_a_dry_run(iam: Any) -> None:
    check = run_module(main, {**ARGUMENTS, "url": "https://issuer-planned"}, check=True)
    assert check["changed"] and check["api_calls"] == [] and check["iam_oidc_provider"]["arn"] == "arn-planned"


def test_another_issuer_is_another_provider(iam: Any) -> None:
    run_module(main, ARGUMENTS)
    assert run_module(main, {**ARGUMENTS, "url": URL + "0"})["changed"]
    assert len(providers(iam)) == 2


def test_drift_is_repaired(iam: Any) -> None:
    arn = run_module(main, ARGUMENTS)["iam_oidc_provider"]["arn"]
    iam.add_client_id_to_open_id_connect_provider(OpenIDConnectProviderArn=arn, ClientID="stray")
    iam.remove_client_id_from_open_id_connect_provider(OpenIDConnectProviderArn=arn, ClientID="sts.amazonaws.com")
    iam.tag_open_id_connect_provider(OpenIDConnectProviderArn=arn, Tags=[{"Key": "stray", "Value": "1"}])
    iam.untag_open_id_connect_provider(OpenIDConnectProviderArn=arn, TagKeys=["ManagedBy"])
    check = run_module(main, ARGUMENTS, check=True)
    assert check["actions"] == ["update: client_ids, tags"] and writes(check) == []
    result = run_module(main, ARGUMENTS)
    assert writes(result) == [
        "iam.AddClientIDToOpenIDConnectProvider",
        "iam.RemoveClientIDFromOpenIDConnectProvider",
        "iam.UntagOpenIDConnectProvider",
        "iam.TagOpenIDConnectProvider",
    ]
    assert not run_module(main, ARGUMENTS)["changed"]


def test_delete_and_delete_again(iam: Any) -> None:
    run_module(main, ARGUMENTS)
    gone = {"url": URL, "state": "absent"}
    assert writes(run_module(main, gone, check=True)) == []
    assert writes(run_module(main, gone)) == ["iam.DeleteOpenIDConnectProvider"]
    assert not run_module(main, gone)["changed"] and providers(iam) == []


def test_refusals_are_reported(iam: Any) -> None:
    result = run_module(main, {"url": "http://plain.example.com"})
    assert result["failed"] and "Invalid Open ID Connect Provider URL" in result["msg"]
