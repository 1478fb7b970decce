import type { QueryClient } from '@tanstack/react-query'
import { createRoute, redirect, useLocation, useRouter } from '@tanstack/react-router'
import { InvitationPage } from '@/features/organizations/invitation-page'
import { ResetPasswordPage } from '@/features/session/reset-password-page'
import { SignInPage } from '@/features/session/sign-in-page'
import { SignUpPage } from '@/features/session/sign-up-page'
import { keepInvitation, keptInvitation } from '@/shared/session/kept-invitation'
import { sessionQuery } from '@/shared/session/session.queries'
import { toast } from '@/shared/ui/toast'
import { backOf, root, safeReturn, useSignOut } from './root'

const invitationPath = '/invitation'

/** Who is signed in already goes on to where they wanted. */
async function leaveWhenSignedIn(queryClient: QueryClient, back: string | undefined) {
  // a server that cannot be asked will say so when the form is sent
  const session = await queryClient.query({ ...sessionQuery, staleTime: 'static' }).catch(() => null)
  if (session) throw redirect({ href: safeReturn(back) })
}

/** Asks anew who is signed in, then goes on. */
function useGoOn(queryClient: QueryClient) {
  const router = useRouter()
  return async (to: string) => {
    await queryClient.query({ ...sessionQuery, staleTime: 0 })
    await router.navigate({ href: to, replace: true })
  }
}

export const signInRoute = createRoute({
  getParentRoute: () => root,
  path: '/sign-in',
  validateSearch: (raw: Record<string, unknown>): { back?: string; failed?: string } => ({
    ...backOf(raw),
    // another provider's sign-in that failed comes back with it
    ...(typeof raw.failed === 'string' ? { failed: raw.failed } : {}),
  }),
  beforeLoad: ({ context, search }) => leaveWhenSignedIn(context.queryClient, search.back),
  component: function SignIn() {
    const { back, failed } = signInRoute.useSearch()
    const goOn = useGoOn(signInRoute.useRouteContext().queryClient)
    return <SignInPage back={safeReturn(back)} failed={failed} onSignedIn={() => goOn(safeReturn(back))} />
  },
})

export const signUpRoute = createRoute({
  getParentRoute: () => root,
  path: '/sign-up',
  validateSearch: backOf,
  beforeLoad: ({ context, search }) => leaveWhenSignedIn(context.queryClient, search.back),
  component: function SignUp() {
    const { back } = signUpRoute.useSearch()
    const goOn = useGoOn(signUpRoute.useRouteContext().queryClient)
    const invited = back === invitationPath
    return <SignUpPage back={safeReturn(back)} invitation={invited ? keptInvitation() : undefined} onSignedUp={() => goOn(invited ? '/' : safeReturn(back))} />
  },
})

export const resetPasswordRoute = createRoute({
  getParentRoute: () => root,
  path: '/reset-password',
  component: function ResetPassword() {
    const router = useRouter()
    const { queryClient } = resetPasswordRoute.useRouteContext()
    const token = useLocation({ select: ({ hash }) => hash })
    const done = () => {
      toast({ title: 'The password is changed', description: 'Sign in with it.' })
      queryClient.setQueryData(sessionQuery.queryKey, null)
      void router.navigate({ to: '/sign-in', search: {} })
    }
    return <ResetPasswordPage token={token} onDone={done} />
  },
})

export const invitationRoute = createRoute({
  getParentRoute: () => root,
  path: invitationPath,
  beforeLoad: ({ location }) => {
    if (location.hash) keepInvitation(location.hash)
  },
  component: function Invitation() {
    const router = useRouter()
    const leave = useSignOut()
    const token = useLocation({ select: ({ hash }) => hash }) || keptInvitation() || ''
    return (
      <InvitationPage
        token={token}
        onAccepted={(organization) => void router.navigate({ to: '/members', search: { organization }, replace: true })}
        onSignOut={() => void leave()}
      />
    )
  },
})
