import type { ApprovalView } from '@crossfade/contracts/api/approvals'
import { percentText } from '../../shared/format.ts'

export const statusWords: Readonly<Record<ApprovalView['status'], string>> = {
  pending: 'waits for votes',
  approved: 'approved, not applied yet',
  applied: 'applied',
  declined: 'declined',
  failed: 'failed',
  expired: 'expired',
  cancelled: 'withdrawn',
}

/** `1 of 2 approvals`. */
export function votesWords({ votes, quorum }: Pick<ApprovalView, 'votes' | 'quorum'>): string {
  const given = votes.filter(({ verdict }) => verdict === 'approve').length
  return `${given} of ${quorum} ${quorum === 1 ? 'approval' : 'approvals'}`
}

/** Why somebody may not vote for it, apart from their role; empty when they may. */
export function whyNotVote(
  approval: Pick<ApprovalView, 'status' | 'requestedBy' | 'selfApproval' | 'votes'>,
  meId: string | null,
): string {
  if (approval.status !== 'pending') return `It ${overWords(approval.status)}`
  if (approval.votes.some(({ by }) => by.id === meId)) return 'You have voted already'
  if (approval.requestedBy.id === meId && !approval.selfApproval)
    return 'You asked for this yourself: somebody else has to approve it'
  return ''
}

function overWords(status: Exclude<ApprovalView['status'], 'pending'>): string {
  return status === 'approved' ? 'is approved already' : `is over: ${statusWords[status]}`
}

/** Who moves, one line for each mapping that anybody moves on. */
export function movesWords(moves: ApprovalView['moves']): string[] {
  return moves
    .filter(
      ({ percentToNew, percentToLegacy, reshuffled }) => percentToNew + percentToLegacy > 0 || reshuffled,
    )
    .map(({ name, percentToNew, percentToLegacy, reshuffled }) => {
      if (reshuffled) return `${name}: who is on which side is drawn anew`
      const parts = [
        percentToNew > 0 ? `${percentText(percentToNew)} move to new` : '',
        percentToLegacy > 0 ? `${percentText(percentToLegacy)} move to legacy` : '',
      ].filter(Boolean)
      return `${name}: ${parts.join(', ')}`
    })
}
