import { useMutation, useQueryClient } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { isAdmin } from '@/shared/workspace/roles'
import { useWorkspace } from '@/shared/workspace/workspace'
import { Alert } from '@/shared/ui/alert'
import { Button, buttonStyle } from '@/shared/ui/button'
import { CopyLine } from '@/shared/ui/code-block'
import { NeedsRole, Page, Panel, Section } from '@/shared/ui/page'
import { createKey, keysQuery } from './apps.queries'
import { FirstEventWatch } from './first-event-watch'
import { Snippets } from './snippets'
import { Steps } from './steps'

/** The way from a new app to its first event: a key, then code that has it, then the event's arrival. */
export function SetUpPage({ id }: { id: string }) {
  const { apps } = useWorkspace()
  const app = apps.find((each) => each.id === id)
  const queryClient = useQueryClient()
  const create = useMutation({
    mutationFn: () => createKey(id, 'First key', undefined),
    onSuccess: () => queryClient.invalidateQueries({ queryKey: keysQuery(id).queryKey }),
  })
  return (
    <Page title={app ? `Set up ${app.name}` : `There is no app ${id}`} documentTitle={['Set-up', app?.name]}>
      {app && isAdmin(app) ? (
        <>
          <Steps at={create.data ? 3 : 2} />
          <Section title="API key" description="Programs send it with their events. It is shown once, here.">
            {create.data ? (
              <CopyLine text={create.data.key} label="API key" />
            ) : (
              <Panel className="space-y-3 p-4 sm:p-5">
                <p className="text-muted-foreground">The key may write events of {app.name}, and nothing else. It can be revoked or rotated at any time.</p>
                {create.isError && <Alert>{create.error.message}</Alert>}
                <Button disabled={create.isPending} onClick={() => create.mutate()}>
                  Create API key
                </Button>
              </Panel>
            )}
          </Section>
          {create.data && (
            <Section title="First event" description="Run one of these; the key is already in it.">
              <div className="space-y-4">
                <Snippets app={id} apiKey={create.data.key} />
                <FirstEventWatch app={id} />
              </div>
            </Section>
          )}
        </>
      ) : (
        <NeedsRole title={app ? 'Setting up an app needs the role admin' : 'The link may be old or mistyped'}>
          <Link to="/apps" className={buttonStyle({ variant: 'outline', className: 'mt-2' })}>
            Show the apps
          </Link>
        </NeedsRole>
      )}
    </Page>
  )
}
