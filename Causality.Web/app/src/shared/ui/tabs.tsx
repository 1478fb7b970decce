import { Tabs as Primitive } from 'radix-ui'
import type { ComponentProps } from 'react'
import { cn } from './cn'

export const Tabs = Primitive.Root
export const TabsContent = Primitive.Content

/** One below the other's line; arrow keys move between them. */
export function TabsList({ className, ...props }: ComponentProps<typeof Primitive.List>) {
  return <Primitive.List className={cn('flex gap-1 overflow-x-auto border-b border-border', className)} {...props} />
}

export const tabStyle =
  '-mb-px inline-flex h-9 shrink-0 items-center border-b-2 border-transparent px-2.5 font-medium text-muted-foreground -outline-offset-2 transition-colors hover:text-foreground data-[state=active]:border-primary data-[state=active]:text-foreground data-[status=active]:border-primary data-[status=active]:text-foreground'

export function TabsTrigger({ className, ...props }: ComponentProps<typeof Primitive.Trigger>) {
  return <Primitive.Trigger className={cn(tabStyle, className)} {...props} />
}
