import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState, type SyntheticEvent } from 'react'
import { fieldError, formError } from '@/shared/api'
import { formatMoment } from '@/shared/format/dates'
import { roleLabels, roleMeanings, roles, withArticle, type Role } from '@/shared/workspace/roles'
import type { Organization } from '@/shared/workspace/workspace.queries'
import { Alert } from '@/shared/ui/alert'
import { Button } from '@/shared/ui/button'
import { CopyLine } from '@/shared/ui/code-block'
import { Dialog, DialogActions, DialogClose, DialogContent } from '@/shared/ui/dialog'
import { Field } from '@/shared/ui/field'
import { Input } from '@/shared/ui/input'
import { Select } from '@/shared/ui/select'
import { invitationsQuery, invite, type NewInvitation } from './organizations.queries'

/** Makes an invitation; then shows its link, which is not shown again. */
export function InviteDialog({ organization, onClose }: { organization: Organization; onClose: () => void }) {
  const [email, setEmail] = useState('')
  const [role, setRole] = useState<Role>('viewer')
  const queryClient = useQueryClient()
  const create = useMutation({
    mutationFn: () => invite(organization.id, email.trim() || undefined, role),
    onSuccess: () => queryClient.invalidateQueries({ queryKey: invitationsQuery(organization.id).queryKey }),
  })
  if (create.data) return <LinkDialog made={create.data} email={email.trim()} onClose={onClose} />
  const submit = (event: SyntheticEvent<HTMLFormElement>) => {
    event.preventDefault()
    create.mutate()
  }
  const trouble = formError(create.error, ['email', 'role'])
  return (
    <Dialog open onOpenChange={onClose}>
      <DialogContent title={`Invite to ${organization.name}`} description="Makes a link that works once, for seven days.">
        <form onSubmit={submit} noValidate className="space-y-4">
          <Field label="E-mail" note="optional" hint="With one, only this address can accept. Without, whoever has the link." error={fieldError(create.error, 'email')}>
            {(control) => <Input {...control} type="email" value={email} onChange={(event) => setEmail(event.target.value)} autoComplete="off" autoCapitalize="none" spellCheck={false} />}
          </Field>
          <Field label="Role" hint={`${capitalized(withArticle(role))} ${roleMeanings[role]}`} error={fieldError(create.error, 'role')}>
            {(control) => (
              <Select {...control} value={role} onChange={(event) => setRole(event.target.value as Role)} className="w-full">
                {roles.map((each) => (
                  <option key={each} value={each}>
                    {roleLabels[each]}
                  </option>
                ))}
              </Select>
            )}
          </Field>
          {trouble && <Alert>{trouble}</Alert>}
          <DialogActions>
            <DialogClose asChild>
              <Button variant="outline">Cancel</Button>
            </DialogClose>
            <Button type="submit" disabled={create.isPending}>
              Create invitation
            </Button>
          </DialogActions>
        </form>
      </DialogContent>
    </Dialog>
  )
}

function LinkDialog({ made, email, onClose }: { made: NewInvitation; email: string; onClose: () => void }) {
  return (
    <Dialog open>
      <DialogContent
        title="Invitation link"
        description={`${made.mailed ? `It was mailed to ${email}.` : 'Send it to the person you invite.'} It is not shown again, and works until ${formatMoment(made.expires_at)}.`}
        dismissible={false}
        className="max-w-lg"
      >
        <CopyLine text={made.url} label="Invitation link" />
        <DialogActions>
          <Button onClick={onClose}>Done</Button>
        </DialogActions>
      </DialogContent>
    </Dialog>
  )
}

const capitalized = (text: string) => text.charAt(0).toUpperCase() + text.slice(1)
