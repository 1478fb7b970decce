import { useEffect, useRef, useState } from 'react'

/** Tells at which edges a scrolling element hides something, to be marked there as data-cut="right bottom". */
export function useCutEdges<T extends HTMLElement>() {
  const ref = useRef<T>(null)
  const [edges, setEdges] = useState('')
  useEffect(() => {
    const element = ref.current
    if (!element) return
    // a pixel of slack: where the page is zoomed, sizes are rounded
    const measure = () =>
      setEdges(
        [
          element.scrollLeft > 1 && 'left',
          element.scrollLeft + element.clientWidth < element.scrollWidth - 1 && 'right',
          element.scrollTop + element.clientHeight < element.scrollHeight - 1 && 'bottom',
        ]
          .filter(Boolean)
          .join(' '),
      )
    const sizes = new ResizeObserver(measure)
    for (const each of [element, ...element.children]) sizes.observe(each)
    element.addEventListener('scroll', measure, { passive: true })
    measure()
    return () => {
      sizes.disconnect()
      element.removeEventListener('scroll', measure)
    }
  })
  return [ref, edges] as const
}
