import '@testing-library/jest-dom/vitest'
import { cleanup, configure } from '@testing-library/react'
import { afterEach, vi } from 'vitest'

// What jsdom lacks and the components ask for; none of it changes what they show.
class NoResizeObserver implements ResizeObserver {
  observe() {}
  unobserve() {}
  disconnect() {}
}
vi.stubGlobal('ResizeObserver', NoResizeObserver)
Element.prototype.scrollIntoView = () => undefined
// without a size, a chart draws nothing
HTMLElement.prototype.getBoundingClientRect = () => new DOMRect(0, 0, 800, 300)
window.scrollTo = () => undefined
// a wide window; a test that wants another sets its own
window.matchMedia = (query: string) => Object.assign(new EventTarget(), { matches: true, media: query, onchange: null, addListener() {}, removeListener() {} }) as MediaQueryList
Element.prototype.hasPointerCapture = () => false

// a busy machine may take seconds to load the charts
configure({ asyncUtilTimeout: 8_000 })
afterEach(cleanup)
