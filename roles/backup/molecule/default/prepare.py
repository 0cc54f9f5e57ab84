"""Make the role with which AWS Backup works."""

import json
import sys

import boto3

trust = {"Effect": "Allow", "Principal": {"Service": "backup.amazonaws.com"}, "Action": "sts:AssumeRole"}
document = json.dumps({"Version": "2012-10-17", "Statement": [trust]})
boto3.client("iam").create_role(RoleName=f"{sys.argv[1]}-backup-molecule", AssumeRolePolicyDocument=document)
