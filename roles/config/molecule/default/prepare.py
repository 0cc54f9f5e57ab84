"""Make the service-linked role of AWS Config, and the bucket that it writes to."""

import json
import sys

import boto3

account, name = sys.argv[1:]
boto3.client("iam").create_service_linked_role(AWSServiceName="config.amazonaws.com")

bucket = f"{name}-audit"
allow = {"Effect": "Allow", "Principal": {"Service": "config.amazonaws.com"}}
source = {"aws:SourceAccount": account}
acl = {"s3:x-amz-acl": "bucket-owner-full-control", **source}
path = f"arn:aws:s3:::{bucket}/AWSLogs/{account}/Config/*"
statements = [
    {
        **allow,
        "Action": ["s3:GetBucketAcl", "s3:ListBucket"],
        "Resource": f"arn:aws:s3:::{bucket}",
        "Condition": {"StringEquals": source},
    },
    {**allow, "Action": "s3:PutObject", "Resource": path, "Condition": {"StringEquals": acl}},
]
s3 = boto3.client("s3")
s3.create_bucket(Bucket=bucket)
s3.put_bucket_policy(Bucket=bucket, Policy=json.dumps({"Version": "2012-10-17", "Statement": statements}))
