import { useQuery } from '@tanstack/react-query'
import { Pencil, UserPlus, UsersRound } from 'lucide-react'
import { useState } from 'react'
import { sessionQuery } from '@/shared/session/session.queries'
import { isAdmin } from '@/shared/workspace/roles'
import { useWorkspace } from '@/shared/workspace/workspace'
import type { Organization } from '@/shared/workspace/workspace.queries'
import { Button } from '@/shared/ui/button'
import { Notice } from '@/shared/ui/notice'
import { Failed, ListSkeleton, Page, Panel, Section } from '@/shared/ui/page'
import { AppRolesDialog } from './app-roles-dialog'
import { Invitations } from './invitations'
import { InviteDialog } from './invite-dialog'
import { MemberRow } from './member-row'
import { OrganizationNameDialog } from './organization-name-dialog'
import { RemoveMemberDialog } from './remove-member-dialog'
import { ResetLinkDialog } from './reset-link-dialog'
import { membersQuery, type Member } from './organizations.queries'

/** Who belongs to the organization, and who is invited. `onLeft` is called when one has left it oneself. */
export function MembersPage({ onLeft }: { onLeft: () => void }) {
  const { organization } = useWorkspace()
  if (!organization)
    return (
      <Page title="Members">
        <Panel>
          <Notice title="You belong to no organization" icon={<UsersRound />}>
            Create one in the menu on the left, or ask for an invitation.
          </Notice>
        </Panel>
      </Page>
    )
  return <Members key={organization.id} organization={organization} onLeft={onLeft} />
}

type Open = { what: 'invite' | 'rename' } | { what: 'apps' | 'reset' | 'remove'; member: Member }

function Members({ organization, onLeft }: { organization: Organization; onLeft: () => void }) {
  const members = useQuery(membersQuery(organization.id))
  const session = useQuery(sessionQuery)
  const [open, setOpen] = useState<Open>()
  const close = () => setOpen(undefined)
  const admin = isAdmin(organization)
  // as it is now, not as it was when the dialog opened
  const member = open && 'member' in open ? (members.data?.find((each) => each.user_id === open.member.user_id) ?? open.member) : undefined
  return (
    <Page
      title="Members"
      documentTitle={['Members', organization.name]}
      description={`Who belongs to ${organization.name}, and what they may do.`}
      action={
        admin && (
          <div className="flex flex-wrap gap-2">
            <Button variant="outline" onClick={() => setOpen({ what: 'rename' })}>
              <Pencil aria-hidden />
              Rename
            </Button>
            <Button onClick={() => setOpen({ what: 'invite' })}>
              <UserPlus aria-hidden />
              Invite
            </Button>
          </div>
        )
      }
    >
      {members.data ? (
        <Panel>
          <ul aria-label="Members" className="divide-y divide-border">
            {members.data.map((each) => (
              <MemberRow
                key={each.user_id}
                organization={organization}
                member={each}
                self={each.user_id === session.data?.id}
                onApps={() => setOpen({ what: 'apps', member: each })}
                onReset={() => setOpen({ what: 'reset', member: each })}
                onRemove={() => setOpen({ what: 'remove', member: each })}
              />
            ))}
          </ul>
        </Panel>
      ) : members.isError ? (
        <Failed what="The members" error={members.error} onRetry={() => void members.refetch()} />
      ) : (
        <ListSkeleton label="Loading the members" />
      )}
      {admin && (
        <Section title="Invitations" description="A link works once, for seven days.">
          <Invitations organization={organization.id} />
        </Section>
      )}
      {open?.what === 'invite' && <InviteDialog organization={organization} onClose={close} />}
      {open?.what === 'rename' && <OrganizationNameDialog organization={organization} onClose={close} />}
      {member && open?.what === 'apps' && <AppRolesDialog organization={organization.id} member={member} onClose={close} />}
      {member && open?.what === 'reset' && <ResetLinkDialog organization={organization.id} member={member} onClose={close} />}
      {member && open?.what === 'remove' && (
        <RemoveMemberDialog organization={organization} member={member} self={member.user_id === session.data?.id} onLeft={onLeft} onClose={close} />
      )}
    </Page>
  )
}
