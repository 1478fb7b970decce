import { Tooltip as Primitive } from 'radix-ui'
import type { ReactElement } from 'react'

export const TooltipProvider = Primitive.Provider

/** Names a control that shows only a picture; by mouse and by keyboard. */
export function Tooltip({ text, side = 'right', children }: { text: string; side?: 'right' | 'bottom'; children: ReactElement }) {
  return (
    <Primitive.Root>
      <Primitive.Trigger asChild>{children}</Primitive.Trigger>
      <Primitive.Portal>
        <Primitive.Content side={side} sideOffset={8} className="z-60 rounded-md bg-foreground px-2 py-1 text-xs font-medium text-background">
          {text}
        </Primitive.Content>
      </Primitive.Portal>
    </Primitive.Root>
  )
}
