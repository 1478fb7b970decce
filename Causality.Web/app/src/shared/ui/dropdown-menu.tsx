import { Check } from 'lucide-react'
import { DropdownMenu as Primitive } from 'radix-ui'
import type { ComponentProps } from 'react'
import { cn } from './cn'

const item =
  'relative flex min-h-9 items-center gap-2 rounded-md px-2 py-1.5 outline-none select-none data-[highlighted]:bg-accent [&_svg]:size-4 [&_svg]:text-muted-foreground'

/** Not modal: the modal form locks scrolling by a style element, which the Content-Security-Policy forbids. */
export function DropdownMenu(props: ComponentProps<typeof Primitive.Root>) {
  return <Primitive.Root modal={false} {...props} />
}

export const DropdownMenuTrigger = Primitive.Trigger
export const DropdownMenuRadioGroup = Primitive.RadioGroup

export function DropdownMenuContent({ className, ...props }: ComponentProps<typeof Primitive.Content>) {
  return (
    <Primitive.Portal>
      <Primitive.Content
        align="end"
        sideOffset={6}
        collisionPadding={12}
        className={cn('z-50 min-w-44 rounded-lg border border-border bg-raised p-1 shadow-lg shadow-black/10', className)}
        {...props}
      />
    </Primitive.Portal>
  )
}

export function DropdownMenuItem({ className, onSelect, ...props }: ComponentProps<typeof Primitive.Item>) {
  return (
    <Primitive.Item
      className={cn(item, className)}
      onSelect={(event) => {
        // a dialog that the item opens gives the focus back to where it was: not to the item, which is gone by then
        const trigger = (event.target as Element | null)?.closest('[role=menu]')?.getAttribute('aria-labelledby')
        if (trigger) document.getElementById(trigger)?.focus()
        onSelect?.(event)
      }}
      {...props}
    />
  )
}

export function DropdownMenuRadioItem({ className, children, ...props }: ComponentProps<typeof Primitive.RadioItem>) {
  return (
    <Primitive.RadioItem className={cn(item, 'pr-8', className)} {...props}>
      {children}
      <Primitive.ItemIndicator className="absolute right-2">
        <Check aria-hidden />
      </Primitive.ItemIndicator>
    </Primitive.RadioItem>
  )
}

export function DropdownMenuLabel({ className, ...props }: ComponentProps<typeof Primitive.Label>) {
  return <Primitive.Label className={cn('px-2 py-1.5 text-xs text-muted-foreground', className)} {...props} />
}

export function DropdownMenuSeparator() {
  return <Primitive.Separator className="-mx-1 my-1 h-px bg-border" />
}
