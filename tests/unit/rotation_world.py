"""A secret of the embedded AWS that a function rotates, and the calls that Secrets Manager would make of it."""

import io
import json
import sys
import zipfile
from pathlib import Path
from typing import Any

from trading_platform.emulator.testing import EmulatorServer

FILES = Path(__file__).resolve().parents[2] / "roles" / "secrets_manager" / "files"
for folder in ("rotation", "rotate_database", "rotate_jwt"):
    if str(FILES / folder) not in sys.path:
        sys.path.insert(0, str(FILES / folder))

SECRET = "production-trading-engine/rotated"
ALL_STEPS = ("createSecret", "setSecret", "testSecret", "finishSecret")


def function(emulator: EmulatorServer) -> str:
    """A function that Secrets Manager may call; the embedded AWS runs none."""
    trust = {
        "Version": "2012-10-17",
        "Statement": [
            {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
        ],
    }
    role = emulator.client("iam").create_role(RoleName="rotation", AssumeRolePolicyDocument=json.dumps(trust))["Role"]
    package = io.BytesIO()
    with zipfile.ZipFile(package, "w") as archive:
        archive.writestr("rotate.py", "def handler(event, context): ...")
    functions = emulator.client("lambda")
    made = functions.create_function(
        FunctionName="rotate",
        Runtime="python3.13",
        Handler="rotate.handler",
        Role=role["Arn"],
        Code={"ZipFile": package.getvalue()},
    )
    functions.add_permission(
        FunctionName="rotate",
        StatementId="secrets-manager",
        Action="lambda:InvokeFunction",
        Principal="secretsmanager.amazonaws.com",
        SourceAccount=emulator.account_id,
    )
    return str(made["FunctionArn"])


def secret(emulator: EmulatorServer, content: dict[str, Any]) -> Any:
    """Make the secret, have it rotated, and give a Secrets Manager client."""
    client = emulator.client("secretsmanager")
    client.create_secret(Name=SECRET, SecretString=json.dumps(content))
    rules = {"AutomaticallyAfterDays": 90}
    client.rotate_secret(
        SecretId=SECRET, RotationLambdaARN=function(emulator), RotationRules=rules, RotateImmediately=False
    )
    return client


def begin(client: Any) -> str:
    """Begin a rotation; gives the token of its version."""
    return str(client.rotate_secret(SecretId=SECRET)["VersionId"])


def value(client: Any, stage: str = "AWSCURRENT") -> dict[str, Any]:
    """Read a version."""
    text = client.get_secret_value(SecretId=SECRET, VersionStage=stage)["SecretString"]
    content: dict[str, Any] = json.loads(text)
    return content


def labels(client: Any) -> dict[str, list[str]]:
    """The labels of every version, sorted."""
    versions = client.describe_secret(SecretId=SECRET)["VersionIdsToStages"]
    return {version: sorted(names) for version, names in versions.items() if names}


def event(step: str, token: str) -> dict[str, str]:
    return {"Step": step, "SecretId": SECRET, "ClientRequestToken": token}
