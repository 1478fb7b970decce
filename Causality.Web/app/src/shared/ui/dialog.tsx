import { X } from 'lucide-react'
import { Dialog as Primitive } from 'radix-ui'
import { useRef, type ComponentProps, type ReactNode } from 'react'
import { Button } from './button'
import { cn } from './cn'

export const Dialog = Primitive.Root
export const DialogTrigger = Primitive.Trigger
export const DialogClose = Primitive.Close
export const DialogTitle = Primitive.Title

/**
 * Dims the page. A plain element instead of Radix's overlay, which locks scrolling by a style element that the
 * Content-Security-Policy forbids: this one scrolls by a pixel itself, and so keeps the wheel from the page behind.
 */
export function DialogBackdrop() {
  return (
    <div aria-hidden className="fixed inset-0 z-40 scrollbar-none animate-fade overflow-y-scroll overscroll-contain bg-backdrop">
      <div className="h-[calc(100%+1px)]" />
    </div>
  )
}

/**
 * Where the focus goes when a box closes: back to where it was, or to the page's heading where that is gone. It stays
 * where it is when the box closed because one went elsewhere. (Radix returns it only to a trigger of its own.)
 */
export function useReturningFocus() {
  const opener = useRef<Element>(null)
  return {
    onOpenAutoFocus: () => {
      opener.current = document.activeElement
    },
    onCloseAutoFocus: (event: Event) => {
      event.preventDefault()
      if (document.activeElement !== document.body) return
      const gone = !opener.current?.isConnected || opener.current === document.body
      ;((gone ? document.querySelector('main h1') : opener.current) as HTMLElement | null)?.focus()
    },
  }
}

/** A titled box over the page: the focus stays in it, Esc closes it, and the focus returns to where it was. */
export function DialogContent(props: {
  title: string
  /** What it is about, below the title. */
  description?: ReactNode
  role?: 'dialog' | 'alertdialog'
  className?: string
  /** Whether clicking beside it or Esc closes it; not where that would lose what is shown once. */
  dismissible?: boolean
  children: ReactNode
}) {
  const { dismissible = true } = props
  const keep = (event: Event) => {
    if (!dismissible) event.preventDefault()
  }
  return (
    <Primitive.Portal>
      <DialogBackdrop />
      <Primitive.Content
        role={props.role ?? 'dialog'}
        aria-modal
        {...(props.description ? {} : { 'aria-describedby': undefined })}
        {...useReturningFocus()}
        onEscapeKeyDown={keep}
        onInteractOutside={(event) => {
          // a toast is beside every dialog, and reading it away must not close one
          if ((event.target as Element | null)?.closest('[data-toasts]')) event.preventDefault()
          keep(event)
        }}
        className={cn(
          'fixed inset-x-0 top-[max(1rem,12dvh)] z-50 mx-auto max-h-[calc(100dvh-2rem)] w-[calc(100vw-2rem)] max-w-md animate-rise overflow-y-auto overscroll-contain rounded-xl border border-border bg-raised p-5 shadow-xl shadow-black/20 outline-none max-sm:top-4',
          props.className,
        )}
      >
        <header className={cn('space-y-1', dismissible && 'pr-8')}>
          <Primitive.Title className="text-base font-semibold">{props.title}</Primitive.Title>
          {props.description && <Primitive.Description className="text-muted-foreground">{props.description}</Primitive.Description>}
        </header>
        <div className="mt-4">{props.children}</div>
        {dismissible && (
          <Primitive.Close asChild>
            <Button variant="ghost" size="tiny" aria-label="Close" className="absolute top-3.5 right-3.5 text-muted-foreground">
              <X aria-hidden />
            </Button>
          </Primitive.Close>
        )}
      </Primitive.Content>
    </Primitive.Portal>
  )
}

/** Buttons at the end of a dialog: the way out first, what it is for last. */
export function DialogActions({ className, ...props }: ComponentProps<'div'>) {
  return <div className={cn('mt-5 flex flex-wrap justify-end gap-2', className)} {...props} />
}
