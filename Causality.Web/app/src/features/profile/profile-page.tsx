import { useQuery } from '@tanstack/react-query'
import { sessionQuery } from '@/shared/session/session.queries'
import { Page, Panel, Section } from '@/shared/ui/page'
import { NameForm } from './name-form'
import { PasswordForm } from './password-form'
import { Sessions } from './sessions'

/** One's own account: name, password, and where one is signed in. */
export function ProfilePage() {
  const session = useQuery(sessionQuery)
  if (!session.data) return null
  const { email, name, has_password, administrator } = session.data
  return (
    <Page title="Profile" description={administrator ? `${email}, administrator of this installation` : email}>
      <Section title="Name" description="As others in your organizations see it.">
        <Panel className="p-4 sm:p-5">
          <NameForm key={name} name={name} />
        </Panel>
      </Section>
      <Section title="Password" description={has_password ? 'A new one ends your other sessions.' : undefined}>
        <Panel className="p-4 sm:p-5">
          {has_password ? <PasswordForm email={email} /> : <p className="text-muted-foreground">You sign in by another provider, and have no password here.</p>}
        </Panel>
      </Section>
      <Section title="Sessions" description="Where you are signed in.">
        <Sessions />
      </Section>
    </Page>
  )
}
