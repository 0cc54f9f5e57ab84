"""Make a topic that budgets may publish to."""

import json

import boto3

sns = boto3.client("sns")
arn = sns.create_topic(Name="warning")["TopicArn"]
allow = {"Effect": "Allow", "Principal": {"Service": "budgets.amazonaws.com"}, "Action": "SNS:Publish", "Resource": arn}
policy = json.dumps({"Version": "2012-10-17", "Statement": [allow]})
sns.set_topic_attributes(TopicArn=arn, AttributeName="Policy", AttributeValue=policy)
