"""CloudFront: distributions kept whole, versions (ETags), response headers policies, and CloudFront's refusals."""

from moto.cloudfront import urls
from moto.cloudfront.responses import CloudFrontResponse

from trading_platform.emulator.services.cloudfront import (
    distribution_refusals,
    distributions,
    origin_access_controls,
    response_headers_policies,
)

EXTENSIONS = tuple(
    module.extension
    for module in (distribution_refusals, distributions, origin_access_controls, response_headers_policies)
)

# moto routes only the addresses of what it has; which action a request is, it finds in botocore's model.
for _path in ("", "/(?P<policy_id>[^/]+)"):
    urls.url_paths[f"{{0}}/2020-05-31/response-headers-policy{_path}$"] = CloudFrontResponse.dispatch
