"""The service-linked roles that the estate needs exist."""

import boto3

services = {
    role["Path"].split("/")[2]
    for page in boto3.client("iam").get_paginator("list_roles").paginate(PathPrefix="/aws-service-role/")
    for role in page["Roles"]
}
assert {"autoscaling.amazonaws.com", "spot.amazonaws.com", "eks.amazonaws.com", "rds.amazonaws.com"} <= services, (
    services
)
