import { Menu, Search, X } from 'lucide-react'
import { Dialog as Primitive } from 'radix-ui'
import { useState } from 'react'
import { Button } from '@/shared/ui/button'
import { DialogBackdrop, useReturningFocus } from '@/shared/ui/dialog'
import { HomeLink } from './frame'
import { SidebarContent, type ShellActions } from './sidebar'
import { AppSwitcher } from './switchers'

/** On small windows instead of the sidebar, which opens from it as a drawer. */
export function TopBar(actions: ShellActions) {
  const [open, setOpen] = useState(false)
  const returning = useReturningFocus()
  const close = () => setOpen(false)
  const closing = (action: () => void) => () => {
    close()
    action()
  }
  return (
    <header className="sticky top-0 z-30 flex h-14 items-center gap-1 border-b border-border bg-surface px-2">
      <Primitive.Root open={open} onOpenChange={setOpen}>
        <Primitive.Trigger asChild>
          <Button variant="ghost" size="icon" aria-label="Open the navigation">
            <Menu aria-hidden />
          </Button>
        </Primitive.Trigger>
        <Primitive.Portal>
          <DialogBackdrop />
          <Primitive.Content
            aria-modal
            aria-describedby={undefined}
            {...returning}
            className="fixed inset-y-0 left-0 z-50 flex w-72 max-w-[calc(100vw-3rem)] animate-slide flex-col border-r border-border bg-surface outline-none"
          >
            <Primitive.Title className="sr-only">Navigation</Primitive.Title>
            <div className="flex items-center justify-between px-3 pt-3">
              <HomeLink />
              <Primitive.Close asChild>
                <Button variant="ghost" size="tiny" aria-label="Close the navigation" className="text-muted-foreground">
                  <X aria-hidden />
                </Button>
              </Primitive.Close>
            </div>
            <SidebarContent onGo={close} onSearch={closing(actions.onSearch)} onNewOrganization={closing(actions.onNewOrganization)} onSignOut={closing(actions.onSignOut)} />
          </Primitive.Content>
        </Primitive.Portal>
      </Primitive.Root>
      <div className="flex min-w-0 flex-1 justify-center">
        <AppSwitcher compact />
      </div>
      <Button variant="ghost" size="icon" aria-label="Search" onClick={actions.onSearch}>
        <Search aria-hidden />
      </Button>
    </header>
  )
}
