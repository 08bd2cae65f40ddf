// Runs in the console's page before its own scripts: notices the first row of each device and says when it was painted.
// Plain JavaScript, because it is read by the browser as it stands.
const epoch = () => performance.timeOrigin + performance.now()
const known = new Set()

/** One frame draws the row; when the next begins, it is on screen. */
function onRow(row) {
  const deviceId = row.getAttribute('data-device-id')
  if (deviceId === null || known.has(deviceId)) return
  known.add(deviceId)
  const inDocument = epoch()
  requestAnimationFrame(() => {
    requestAnimationFrame(() => {
      const painted = epoch()
      const box = document.querySelector(`[data-device-id="${deviceId}"]`)?.getBoundingClientRect()
      const inView = box !== undefined && box.height > 0 && box.top < innerHeight && box.bottom > 0
      window.hydrantPainted({ deviceId, inDocument, painted, inView })
    })
  })
}

new MutationObserver((mutations) => {
  for (const { type, target, addedNodes } of mutations) {
    if (type === 'attributes') onRow(target)
    for (const node of addedNodes) {
      if (!(node instanceof Element)) continue
      onRow(node)
      for (const row of node.querySelectorAll('[data-device-id]')) onRow(row)
    }
  }
}).observe(document, { subtree: true, childList: true, attributes: true, attributeFilter: ['data-device-id'] })

/** Resolves after so many frames in a row that were no longer than `frameMs`, at the latest after `limitMs`. */
window.hydrantSettled = (frames, frameMs, limitMs) =>
  new Promise((resolve) => {
    const begun = performance.now()
    let before = begun
    let quiet = 0
    const onFrame = (at) => {
      quiet = at - before <= frameMs ? quiet + 1 : 0
      before = at
      if (quiet >= frames || at - begun > limitMs) resolve()
      else requestAnimationFrame(onFrame)
    }
    requestAnimationFrame(onFrame)
  })
