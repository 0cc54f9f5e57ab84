"""Make the bucket that a trail writes to, and the role with which it writes to CloudWatch Logs."""

import json
import sys

import boto3

account, name = sys.argv[1:]
SERVICE = {"Service": "cloudtrail.amazonaws.com"}
bucket = f"{name}-audit"
source = {"aws:SourceArn": f"arn:aws:cloudtrail:us-east-1:{account}:trail/{name}"}
allow = {"Effect": "Allow", "Principal": SERVICE}
acl = {**allow, "Action": "s3:GetBucketAcl", "Resource": f"arn:aws:s3:::{bucket}"}
put = {**allow, "Action": "s3:PutObject", "Resource": f"arn:aws:s3:::{bucket}/AWSLogs/{account}/*"}
statements = [{**one, "Condition": {"StringEquals": source}} for one in (acl, put)]
s3 = boto3.client("s3")
s3.create_bucket(Bucket=bucket)
s3.put_bucket_policy(Bucket=bucket, Policy=json.dumps({"Version": "2012-10-17", "Statement": statements}))

trust = {"Version": "2012-10-17", "Statement": [{**allow, "Action": "sts:AssumeRole"}]}
boto3.client("iam").create_role(RoleName=f"{name}-cloudtrail", AssumeRolePolicyDocument=json.dumps(trust))
