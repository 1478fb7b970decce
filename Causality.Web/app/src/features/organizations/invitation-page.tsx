import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { MailX, UsersRound } from 'lucide-react'
import { ApiProblem } from '@/shared/api'
import { formatMoment } from '@/shared/format/dates'
import { forgetInvitation } from '@/shared/session/kept-invitation'
import { sessionQuery, signInOptionsQuery } from '@/shared/session/session.queries'
import { roleMeanings, roleOf, withArticle } from '@/shared/workspace/roles'
import { appsQuery, organizationsQuery } from '@/shared/workspace/workspace.queries'
import { Alert } from '@/shared/ui/alert'
import { Button, buttonStyle } from '@/shared/ui/button'
import { cn } from '@/shared/ui/cn'
import { Mark } from '@/shared/ui/mark'
import { Notice } from '@/shared/ui/notice'
import { Panel } from '@/shared/ui/page'
import { Skeleton } from '@/shared/ui/skeleton'
import { acceptInvitation, invitationQuery } from './organizations.queries'

/** Where an invitation's link leads: who invites to what; to be accepted, after signing in or up where need be. */
export function InvitationPage(props: { token: string; onAccepted: (organization: string) => void; onSignOut: () => void }) {
  const invitation = useQuery(invitationQuery(props.token))
  return (
    <main className="mx-auto flex min-h-dvh w-full max-w-md flex-col justify-center px-5 py-10">
      <title>Invitation · Causality</title>
      <div className="mb-6 flex items-center gap-3">
        <Mark className="size-9" />
        <span className="text-xl font-semibold tracking-tight">Causality</span>
      </div>
      <Panel>
        {props.token === '' ? (
          <Gone title="This is not a whole invitation link" text="Its last part is missing. Copy the whole link, or ask for a new one." />
        ) : invitation.isError ? (
          <NotThere error={invitation.error} onRetry={() => void invitation.refetch()} />
        ) : !invitation.data ? (
          <div role="status" aria-label="Loading the invitation" className="space-y-3 p-6">
            <Skeleton className="h-6 w-56" />
            <Skeleton className="h-4 w-full" />
            <Skeleton className="h-10 w-full" />
          </div>
        ) : (
          <div className="p-6">
            <UsersRound className="size-6 text-primary" aria-hidden />
            <h1 className="mt-3 text-lg font-semibold break-words">Join {invitation.data.organization}</h1>
            <p className="mt-1 break-words text-muted-foreground">
              {invitation.data.invited_by} invites you as {withArticle(invitation.data.role)}, who {roleMeanings[roleOf(invitation.data.role)]}
            </p>
            <p className="mt-1 text-muted-foreground">
              {invitation.data.email && `For ${invitation.data.email}. `}Open until {formatMoment(invitation.data.expires_at)}.
            </p>
            <div className="mt-5">
              <Answer {...props} />
            </div>
          </div>
        )}
      </Panel>
    </main>
  )
}

function Answer({ token, onAccepted, onSignOut }: { token: string; onAccepted: (organization: string) => void; onSignOut: () => void }) {
  const session = useQuery(sessionQuery)
  const options = useQuery(signInOptionsQuery)
  const queryClient = useQueryClient()
  const accept = useMutation({
    mutationFn: () => acceptInvitation(token),
    onSuccess: async ({ organization_id }) => {
      forgetInvitation()
      await Promise.all([organizationsQuery.queryKey, appsQuery.queryKey].map((queryKey) => queryClient.invalidateQueries({ queryKey, refetchType: 'all' })))
      onAccepted(organization_id)
    },
  })
  if (session.isPending) return <Skeleton className="h-10" />
  if (session.data)
    return (
      <div className="space-y-3">
        {accept.isError && <Alert>{accept.error.message}</Alert>}
        <Button size="large" className="w-full" disabled={accept.isPending} onClick={() => accept.mutate()}>
          Accept as {session.data.email}
        </Button>
        <p className="text-center text-muted-foreground">
          Not you?{' '}
          <button type="button" onClick={onSignOut} className="font-medium text-primary underline-offset-4 hover:underline">
            Sign out
          </button>
        </p>
      </div>
    )
  return (
    <div className="space-y-2">
      <Link to="/sign-up" search={{ back: '/invitation' }} className={cn(buttonStyle({ size: 'large' }), 'w-full')}>
        Create an account
      </Link>
      <Link to="/sign-in" search={{ back: '/invitation' }} className={cn(buttonStyle({ variant: 'outline', size: 'large' }), 'w-full')}>
        I have an account{options.data?.oidc ? ` or use ${options.data.oidc.name}` : ''}
      </Link>
    </div>
  )
}

const reasons: Record<string, { title: string; text: string }> = {
  'invitation-used': { title: 'This invitation was used already', text: 'A link works once. If it was you who used it, sign in; else ask for a new one.' },
  'invitation-expired': { title: 'This invitation has expired', text: 'Links work for seven days. Ask for a new one.' },
  'invitation-revoked': { title: 'This invitation was revoked', text: 'Ask whoever sent it for a new one.' },
  'invitation-missing': { title: 'There is no such invitation', text: 'The link may be incomplete or mistyped. Copy the whole link, or ask for a new one.' },
}

function NotThere({ error, onRetry }: { error: Error; onRetry: () => void }) {
  const reason = error instanceof ApiProblem ? reasons[error.code ?? ''] : undefined
  if (reason) return <Gone {...reason} />
  return (
    <Notice heading role="alert" title="The invitation could not be loaded" action={<Button onClick={onRetry}>Try again</Button>}>
      {error.message}
    </Notice>
  )
}

function Gone({ title, text }: { title: string; text: string }) {
  return (
    <Notice
      heading
      role="status"
      title={title}
      icon={<MailX />}
      action={
        <Link to="/sign-in" search={{}} className={buttonStyle({ variant: 'outline' })}>
          Sign in
        </Link>
      }
    >
      {text}
    </Notice>
  )
}
