import { useEffect, useRef } from 'react'

const focusHeading = () => (document.querySelector<HTMLElement>('main h2[tabindex]') ?? document.querySelector<HTMLElement>('main h1'))?.focus({ preventScroll: true })

/** A step within a page to a part that has a heading of its own, or back, is one to another page for who reads by ear: the focus goes there. */
export function useFocusOnStep(view: string) {
  useChanged(view, focusHeading)
}

/** Where what changed took the button away that had the focus, it goes to the heading instead of nowhere. */
export function useFocusKept(state: string | undefined) {
  useChanged(state, () => {
    if (document.activeElement === document.body) focusHeading()
  })
}

/** Does something when a value has become another one; not for the first, nor before there is one. */
function useChanged(value: string | undefined, act: () => void) {
  const last = useRef(value)
  useEffect(() => {
    const changed = last.current !== undefined && last.current !== value
    last.current = value
    if (changed) act()
  })
}
