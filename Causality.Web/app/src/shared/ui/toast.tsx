import { CircleAlert, CircleCheck, X } from 'lucide-react'
import { Toast as Primitive } from 'radix-ui'
import { useSyncExternalStore } from 'react'
import { Button } from './button'

interface Message {
  title: string
  description?: string
  tone?: 'success' | 'danger'
}

let shown: readonly (Message & { id: number })[] = []
let next = 0
const listeners = new Set<() => void>()
const update = (messages: typeof shown) => {
  shown = messages
  listeners.forEach((listener) => listener())
}
const subscribe = (listener: () => void) => {
  listeners.add(listener)
  return () => listeners.delete(listener)
}

/** Says in passing that something was done, or failed where no form can say it. The newest three are seen. */
export const toast = (message: Message) => update([...shown, { ...message, id: next++ }].slice(-3))

/** Where toasts appear, once per page: announced to screen readers, reached by F8, gone after six seconds unless read. */
export function Toasts() {
  const messages = useSyncExternalStore(subscribe, () => shown)
  const forget = (id: number) => update(shown.filter((message) => message.id !== id))
  return (
    <Primitive.Provider duration={6_000} label="Notice">
      {messages.map(({ id, title, description, tone = 'success' }) => (
        <Primitive.Root
          key={id}
          type={tone === 'danger' ? 'foreground' : 'background'}
          onOpenChange={(open) => !open && forget(id)}
          className="flex animate-rise items-start gap-2.5 rounded-lg border border-border bg-raised py-2.5 pr-2 pl-3.5 shadow-lg shadow-black/10"
        >
          {tone === 'danger' ? <CircleAlert className="mt-0.5 size-4 shrink-0 text-danger" aria-hidden /> : <CircleCheck className="mt-0.5 size-4 shrink-0 text-success" aria-hidden />}
          <div className="min-w-0 flex-1">
            <Primitive.Title className="font-medium break-words">{title}</Primitive.Title>
            {description && <Primitive.Description className="text-muted-foreground">{description}</Primitive.Description>}
          </div>
          <Primitive.Close asChild>
            <Button variant="ghost" size="tiny" aria-label="Dismiss" className="-my-1 text-muted-foreground">
              <X aria-hidden />
            </Button>
          </Primitive.Close>
        </Primitive.Root>
      ))}
      <Primitive.Viewport data-toasts className="fixed right-4 bottom-4 z-60 flex w-[calc(100vw-2rem)] max-w-sm flex-col gap-2 outline-none" />
    </Primitive.Provider>
  )
}
