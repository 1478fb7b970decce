import { useMutation, useQueryClient } from '@tanstack/react-query'
import { roleLabels, roleOf, roles, type Role } from '@/shared/workspace/roles'
import { useWorkspace } from '@/shared/workspace/workspace'
import { appsQuery } from '@/shared/workspace/workspace.queries'
import { Alert } from '@/shared/ui/alert'
import { Button } from '@/shared/ui/button'
import { Dialog, DialogActions, DialogClose, DialogContent } from '@/shared/ui/dialog'
import { Select } from '@/shared/ui/select'
import { changeAppRole, membersQuery, type Member } from './organizations.queries'

/** Another role in one app than in the organization; each choice counts at once. */
export function AppRolesDialog({ organization, member, onClose }: { organization: string; member: Member; onClose: () => void }) {
  const { apps } = useWorkspace()
  const own = apps.filter((app) => app.organization_id === organization)
  const queryClient = useQueryClient()
  const change = useMutation({
    mutationFn: ({ app, role }: { app: string; role: Role | undefined }) => changeAppRole(organization, member.user_id, app, role),
    onSettled: () =>
      Promise.all([membersQuery(organization).queryKey, appsQuery.queryKey].map((queryKey) => queryClient.invalidateQueries({ queryKey }))),
  })
  const general = roleLabels[roleOf(member.role)]
  const admin = member.role === 'admin'
  return (
    <Dialog open onOpenChange={onClose}>
      <DialogContent
        title="Roles in apps"
        description={admin ? `${member.name || member.email} is admin of the organization, and so of every app in it.` : `Where ${member.name || member.email} may do more or less than in the rest of the organization.`}
      >
        {own.length === 0 ? (
          <p>The organization has no apps yet.</p>
        ) : (
          <ul className="max-h-80 divide-y divide-border overflow-y-auto">
            {own.map((app) => (
              <li key={app.id} className="flex items-center gap-3 py-2 pr-1 pl-0.5">
                <span className="min-w-0 flex-1 truncate">{app.name}</span>
                <Select
                  aria-label={`Role in ${app.name}`}
                  disabled={admin || change.isPending}
                  value={admin ? '' : (member.apps.find((each) => each.app_id === app.id)?.role ?? '')}
                  onChange={(event) => change.mutate({ app: app.id, role: event.target.value === '' ? undefined : roleOf(event.target.value) })}
                  className="w-48"
                >
                  <option value="">{general}, as elsewhere</option>
                  {roles.map((role) => (
                    <option key={role} value={role}>
                      {roleLabels[role]}
                    </option>
                  ))}
                </Select>
              </li>
            ))}
          </ul>
        )}
        {change.isError && <Alert className="mt-3">{change.error.message}</Alert>}
        <DialogActions>
          <DialogClose asChild>
            <Button>Done</Button>
          </DialogClose>
        </DialogActions>
      </DialogContent>
    </Dialog>
  )
}
