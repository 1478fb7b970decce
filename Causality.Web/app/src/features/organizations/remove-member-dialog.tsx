import { useMutation, useQueryClient } from '@tanstack/react-query'
import { appsQuery, organizationsQuery, type Organization } from '@/shared/workspace/workspace.queries'
import { Confirm } from '@/shared/ui/confirm'
import { toast } from '@/shared/ui/toast'
import { membersQuery, removeMember, type Member } from './organizations.queries'

/** Takes a person out of the organization, or oneself. */
export function RemoveMemberDialog(props: { organization: Organization; member: Member; self: boolean; onLeft: () => void; onClose: () => void }) {
  const { organization, member, self } = props
  const queryClient = useQueryClient()
  const who = member.name || member.email
  const remove = useMutation({
    mutationFn: () => removeMember(organization.id, member.user_id),
    onSuccess: async () => {
      props.onClose()
      toast({ title: self ? `You have left ${organization.name}` : `${who} is removed from ${organization.name}` })
      if (self) {
        await Promise.all([organizationsQuery.queryKey, appsQuery.queryKey].map((queryKey) => queryClient.invalidateQueries({ queryKey })))
        props.onLeft()
      } else await queryClient.invalidateQueries({ queryKey: membersQuery(organization.id).queryKey })
    },
  })
  return (
    <Confirm
      open
      title={self ? `Leave ${organization.name}?` : `Remove ${who}?`}
      action={self ? 'Leave' : 'Remove'}
      pending={remove.isPending}
      error={remove.error}
      onConfirm={() => remove.mutate()}
      onClose={props.onClose}
    >
      {self ? 'You' : who} can no longer see {organization.name} or any of its apps. Coming back takes a new invitation.
    </Confirm>
  )
}
