import { pairsIn } from '@crossfade/runtime/certificate'
import { createCertificateFiles, type CertificateFiles } from '@crossfade/runtime/certificate-files'
import type { Clock } from '@crossfade/runtime/clock'
import type { Logger } from '@crossfade/runtime/logger'

/** What services may be shown, by name; none without a folder. */
export function createClientCertificates(
  folder: string | null,
  clock: Clock,
  logger: Logger,
): CertificateFiles {
  return createCertificateFiles({
    sources: async () => (folder === null ? [] : pairsIn(folder, 'CROSSFADE_CLIENT_CERTS')),
    folders: folder === null ? [] : [folder],
    clock,
    logger,
  })
}
