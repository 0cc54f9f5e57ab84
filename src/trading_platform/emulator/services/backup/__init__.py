"""AWS Backup: plans that change, selections, recovery points, settings of a region, and AWS Backup's refusals."""

from moto.backup import urls
from moto.backup.responses import BackupResponse

from trading_platform.emulator.services.backup import plans, recovery_points, refusals, selections, settings

EXTENSIONS = tuple(module.extension for module in (refusals, plans, selections, recovery_points, settings))

# moto routes only the addresses of what it has; the one of plans would swallow that of selections.
urls.url_paths = {
    "{0}/backup/plans/(?P<plan_id>[^/]+)/selections/?$": BackupResponse.dispatch,
    "{0}/backup/plans/(?P<plan_id>[^/]+)/selections/(?P<selection_id>[^/]+)$": BackupResponse.dispatch,
    "{0}/backup-vaults/(?P<name>[^/]+)/recovery-points/$": BackupResponse.dispatch,
    "{0}/backup-vaults/(?P<name>[^/]+)/recovery-points/(?P<arn>.+)$": BackupResponse.dispatch,
    "{0}/backup-jobs/?$": BackupResponse.dispatch,
    "{0}/account-settings$": BackupResponse.dispatch,
    **urls.url_paths,
}
