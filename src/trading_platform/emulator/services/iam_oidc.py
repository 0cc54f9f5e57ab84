"""IAM's OpenID Connect providers: client ids that come and go, and what IAM refuses."""

from moto.core.responses import ActionResult, EmptyResult
from moto.iam.models import iam_backends
from moto.iam.responses import IamResponse

from trading_platform.emulator.call import Call
from trading_platform.emulator.errors import AwsError
from trading_platform.emulator.extension import Extension

extension = Extension("iam")
EXTENSIONS = (extension,)

ARN = "OpenIDConnectProviderArn"


@extension.adds(IamResponse)
def add_client_id_to_open_id_connect_provider(self: IamResponse) -> ActionResult:
    """API AddClientIDToOpenIDConnectProvider: idempotent."""
    provider = self.backend.get_open_id_connect_provider(self._get_param(ARN))
    wanted = self._get_param("ClientID")
    provider.client_id_list = [*(one for one in provider.client_id_list if one != wanted), wanted]
    return EmptyResult()


@extension.adds(IamResponse)
def remove_client_id_from_open_id_connect_provider(self: IamResponse) -> ActionResult:
    """API RemoveClientIDFromOpenIDConnectProvider: idempotent."""
    provider = self.backend.get_open_id_connect_provider(self._get_param(ARN))
    provider.client_id_list = [one for one in provider.client_id_list if one != self._get_param("ClientID")]
    return EmptyResult()


@extension.refuses("CreateOpenIDConnectProvider")
def url_that_is_no_issuer(call: Call) -> None:
    """API CreateOpenIDConnectProvider: "The URL must begin with https://", and one provider a URL."""
    url = call.params["Url"]
    if not url.startswith("https://"):
        raise AwsError("InvalidInput", "Invalid Open ID Connect Provider URL")
    ending = f":oidc-provider/{url.removeprefix('https://')}"
    if any(arn.endswith(ending) for arn in iam_backends[call.account_id]["aws"].open_id_providers):
        raise AwsError("EntityAlreadyExists", f"Provider with url {url} already exists.")


@extension.refuses("DeleteOpenIDConnectProvider")
def provider_that_is_not_there(call: Call) -> None:
    """API DeleteOpenIDConnectProvider: NoSuchEntity for a provider that does not exist; moto takes it."""
    arn = call.params[ARN]
    if arn not in iam_backends[call.account_id]["aws"].open_id_providers:
        raise AwsError("NoSuchEntity", f"OpenIDConnect Provider not found for arn {arn}", 404)
