import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState, type SyntheticEvent } from 'react'
import { fieldError, formError } from '@/shared/api'
import { organizationsQuery, type Organization } from '@/shared/workspace/workspace.queries'
import { Alert } from '@/shared/ui/alert'
import { Button } from '@/shared/ui/button'
import { Dialog, DialogActions, DialogClose, DialogContent } from '@/shared/ui/dialog'
import { Field } from '@/shared/ui/field'
import { Input } from '@/shared/ui/input'
import { toast } from '@/shared/ui/toast'
import { createOrganization, renameOrganization } from './organizations.queries'

/** Names an organization: a new one, or one that is there. */
export function OrganizationNameDialog(props: { organization?: Organization | undefined; onClose: () => void; onCreated?: (organization: string) => void }) {
  const { organization, onClose, onCreated } = props
  const [name, setName] = useState(organization?.name ?? '')
  const queryClient = useQueryClient()
  const save = useMutation({
    mutationFn: () => (organization ? renameOrganization(organization.id, name.trim()) : createOrganization(name.trim())),
    onSuccess: async (saved) => {
      await queryClient.invalidateQueries({ queryKey: organizationsQuery.queryKey })
      onClose()
      if (organization) toast({ title: `The organization is now called ${saved.name}` })
      else onCreated?.(saved.id)
    },
  })
  const submit = (event: SyntheticEvent<HTMLFormElement>) => {
    event.preventDefault()
    if (name.trim()) save.mutate()
  }
  const trouble = formError(save.error, ['name'])
  return (
    <Dialog open onOpenChange={onClose}>
      <DialogContent
        title={organization ? 'Rename the organization' : 'New organization'}
        description={organization ? undefined : 'It has its own members and apps. You become its admin.'}
      >
        <form onSubmit={submit} noValidate className="space-y-4">
          <Field label="Name" error={fieldError(save.error, 'name')}>
            {(control) => <Input {...control} value={name} onChange={(event) => setName(event.target.value)} autoComplete="organization" maxLength={80} />}
          </Field>
          {trouble && <Alert>{trouble}</Alert>}
          <DialogActions>
            <DialogClose asChild>
              <Button variant="outline">Cancel</Button>
            </DialogClose>
            <Button type="submit" disabled={!name.trim() || save.isPending}>
              {organization ? 'Rename' : 'Create'}
            </Button>
          </DialogActions>
        </form>
      </DialogContent>
    </Dialog>
  )
}
