import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { Mail } from 'lucide-react'
import { useState } from 'react'
import { formatMoment } from '@/shared/format/dates'
import { roleLabels, roleOf } from '@/shared/workspace/roles'
import { Badge } from '@/shared/ui/badge'
import { Button } from '@/shared/ui/button'
import { Confirm } from '@/shared/ui/confirm'
import { Notice } from '@/shared/ui/notice'
import { Failed, ListSkeleton, Panel } from '@/shared/ui/page'
import { toast } from '@/shared/ui/toast'
import { invitationsQuery, revokeInvitation, type Invitation } from './organizations.queries'

/** The invitations that can still be accepted. */
export function Invitations({ organization }: { organization: string }) {
  const invitations = useQuery(invitationsQuery(organization))
  const [revoking, setRevoking] = useState<Invitation>()
  if (!invitations.data)
    return invitations.isError ? (
      <Failed what="The invitations" error={invitations.error} onRetry={() => void invitations.refetch()} />
    ) : (
      <ListSkeleton rows={1} label="Loading the invitations" />
    )
  const open = invitations.data.filter((each) => each.state === 'open')
  return (
    <Panel>
      {open.length === 0 ? (
        <Notice title="No open invitations" icon={<Mail />} className="py-8">
          Invite somebody with the button above.
        </Notice>
      ) : (
        <ul aria-label="Open invitations" className="divide-y divide-border">
          {open.map((each) => (
            <li key={each.id} className="flex items-center gap-3 px-4 py-3">
              <div className="min-w-0 flex-1">
                <p className="flex items-center gap-2">
                  <span className="truncate font-medium">{each.email ?? 'Whoever has the link'}</span>
                  <Badge>{roleLabels[roleOf(each.role)]}</Badge>
                </p>
                <p className="flex flex-wrap gap-x-3 text-muted-foreground">
                  <span className="min-w-0 truncate">Invited by {each.invited_by}</span>
                  <span>Until {formatMoment(each.expires_at)}</span>
                </p>
              </div>
              <Button variant="outline" size="small" aria-label={`Revoke the invitation of ${each.email ?? 'whoever has the link'}`} onClick={() => setRevoking(each)}>
                Revoke
              </Button>
            </li>
          ))}
        </ul>
      )}
      {revoking && <RevokeDialog organization={organization} invitation={revoking} onClose={() => setRevoking(undefined)} />}
    </Panel>
  )
}

function RevokeDialog({ organization, invitation, onClose }: { organization: string; invitation: Invitation; onClose: () => void }) {
  const queryClient = useQueryClient()
  const revoke = useMutation({
    mutationFn: () => revokeInvitation(organization, invitation.id),
    onSuccess: async () => {
      onClose()
      toast({ title: 'The invitation is revoked' })
      await queryClient.invalidateQueries({ queryKey: invitationsQuery(organization).queryKey })
    },
  })
  return (
    <Confirm open title="Revoke the invitation?" action="Revoke" pending={revoke.isPending} error={revoke.error} onConfirm={() => revoke.mutate()} onClose={onClose}>
      The link {invitation.email ? `for ${invitation.email} ` : ''}stops working at once.
    </Confirm>
  )
}
