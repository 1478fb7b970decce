import { useMutation, useQueryClient } from '@tanstack/react-query'
import { MoreHorizontal } from 'lucide-react'
import { formatDate } from '@/shared/format/dates'
import { isAdmin, roleLabels, roleOf, roles, type Role } from '@/shared/workspace/roles'
import { useWorkspace } from '@/shared/workspace/workspace'
import { appsQuery, organizationsQuery, type Organization } from '@/shared/workspace/workspace.queries'
import { Badge } from '@/shared/ui/badge'
import { Button } from '@/shared/ui/button'
import { DropdownMenu, DropdownMenuContent, DropdownMenuItem, DropdownMenuSeparator, DropdownMenuTrigger } from '@/shared/ui/dropdown-menu'
import { Initial } from '@/shared/ui/initial'
import { Select } from '@/shared/ui/select'
import { toast } from '@/shared/ui/toast'
import { changeRole, membersQuery, type Member } from './organizations.queries'

/** One person: name, e-mail, role, roles in apps, and what an admin, or the person, can do. */
export function MemberRow(props: {
  organization: Organization
  member: Member
  self: boolean
  onApps: () => void
  onReset: () => void
  onRemove: () => void
}) {
  const { organization, member, self } = props
  const { apps } = useWorkspace()
  const queryClient = useQueryClient()
  const admin = isAdmin(organization)
  const change = useMutation({
    mutationFn: (role: Role) => changeRole(organization.id, member.user_id, role),
    onSuccess: async (changed) => {
      toast({ title: `${member.name || member.email} is now ${roleLabels[roleOf(changed.role)].toLowerCase()}` })
      await Promise.all(
        // one's own role decides what the pages show
        [membersQuery(organization.id).queryKey, ...(self ? [organizationsQuery.queryKey, appsQuery.queryKey] : [])].map((queryKey) =>
          queryClient.invalidateQueries({ queryKey }),
        ),
      )
    },
    onError: (error) => toast({ title: 'The role was not changed', description: error.message, tone: 'danger' }),
  })
  const role = roleOf(change.isPending ? change.variables : member.role)
  const appName = (id: string) => apps.find((app) => app.id === id)?.name ?? id
  return (
    <li className="flex flex-wrap items-center gap-x-3 gap-y-2 px-4 py-3">
      <Initial name={member.name || member.email} round className="size-8" />
      <div className="min-w-0 flex-1 basis-48">
        <p className="flex items-center gap-2">
          <span className="truncate font-medium">{member.name || member.email}</span>
          {self && <Badge>You</Badge>}
        </p>
        <p className="flex flex-wrap gap-x-3 text-muted-foreground">
          {member.name && <span className="min-w-0 truncate">{member.email}</span>}
          <span>Joined {formatDate(member.joined_at)}</span>
        </p>
        {member.apps.length > 0 && (
          <p className="mt-1 flex flex-wrap gap-1">
            {member.apps.map((each) => (
              <Badge key={each.app_id} tone="accent">
                {appName(each.app_id)}: {roleLabels[roleOf(each.role)].toLowerCase()}
              </Badge>
            ))}
          </p>
        )}
      </div>
      <div className="flex items-center gap-1 max-sm:w-full max-sm:justify-between max-sm:pl-11">
        {admin ? (
          <Select aria-label={`Role of ${member.email}`} value={role} disabled={change.isPending} onChange={(event) => change.mutate(event.target.value as Role)} className="w-28">
            {roles.map((each) => (
              <option key={each} value={each}>
                {roleLabels[each]}
              </option>
            ))}
          </Select>
        ) : (
          <Badge>{roleLabels[role]}</Badge>
        )}
        {(admin || self) && (
          <DropdownMenu>
            <DropdownMenuTrigger asChild>
              <Button variant="ghost" size="tiny" aria-label={`Actions for ${member.email}`}>
                <MoreHorizontal aria-hidden />
              </Button>
            </DropdownMenuTrigger>
            <DropdownMenuContent>
              {admin && <DropdownMenuItem onSelect={props.onApps}>Roles in apps…</DropdownMenuItem>}
              {admin && !self && <DropdownMenuItem onSelect={props.onReset}>Password reset link…</DropdownMenuItem>}
              {admin && <DropdownMenuSeparator />}
              <DropdownMenuItem onSelect={props.onRemove} className="text-danger">
                {self ? 'Leave…' : 'Remove…'}
              </DropdownMenuItem>
            </DropdownMenuContent>
          </DropdownMenu>
        )}
      </div>
    </li>
  )
}
