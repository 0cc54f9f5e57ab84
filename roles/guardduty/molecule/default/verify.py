"""One detector a region, quick to tell, that looks at buckets and clusters and at nothing that was not asked for."""

import boto3

guardduty = boto3.client("guardduty")
(detector_id,) = guardduty.list_detectors()["DetectorIds"]
detector = guardduty.get_detector(DetectorId=detector_id)
assert detector["Status"] == "ENABLED", detector
assert detector["FindingPublishingFrequency"] == "FIFTEEN_MINUTES", detector
features = {feature["Name"]: feature["Status"] for feature in detector["Features"]}
assert features["S3_DATA_EVENTS"] == features["EKS_AUDIT_LOGS"] == "ENABLED", features
assert features["RUNTIME_MONITORING"] == "DISABLED", features
assert detector["Tags"]["Compliance"] == "PCI-DSS", detector["Tags"]
