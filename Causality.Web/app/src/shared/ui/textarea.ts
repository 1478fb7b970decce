/** Several lines of text, looking like an input. */
export const textareaStyle =
  'w-full min-w-0 resize-y rounded-md border border-control bg-surface px-3 py-2 font-mono text-base placeholder:text-muted-foreground disabled:opacity-60 aria-invalid:border-danger md:text-code'
