import { useMutation } from '@tanstack/react-query'
import { formatMoment } from '@/shared/format/dates'
import { Alert } from '@/shared/ui/alert'
import { Button } from '@/shared/ui/button'
import { CopyLine } from '@/shared/ui/code-block'
import { Dialog, DialogActions, DialogClose, DialogContent } from '@/shared/ui/dialog'
import { createResetLink, type Member } from './organizations.queries'

/** A link with which a member chooses a new password, to be handed over. */
export function ResetLinkDialog({ organization, member, onClose }: { organization: string; member: Member; onClose: () => void }) {
  const create = useMutation({ mutationFn: () => createResetLink(organization, member.user_id) })
  const who = member.name || member.email
  return (
    <Dialog open onOpenChange={onClose}>
      <DialogContent
        title="Password reset link"
        description={
          create.data ? `Give it to ${who}, and to nobody else. It works once, until ${formatMoment(create.data.expires_at)}.` : `With the link ${who} chooses a new password. Whoever has it can do so: hand it over safely.`
        }
      >
        {create.data && <CopyLine text={create.data.url} label="Reset link" />}
        {create.isError && <Alert>{create.error.message}</Alert>}
        <DialogActions>
          <DialogClose asChild>
            <Button variant={create.data ? 'primary' : 'outline'}>{create.data ? 'Done' : 'Cancel'}</Button>
          </DialogClose>
          {!create.data && (
            <Button disabled={create.isPending} onClick={() => create.mutate()}>
              Create link
            </Button>
          )}
        </DialogActions>
      </DialogContent>
    </Dialog>
  )
}
