// To full screen and back: a browser does it only straight from a click.
export async function enterFullscreen(): Promise<boolean> {
  if (document.fullscreenElement) return true
  try {
    await document.documentElement.requestFullscreen({ navigationUI: 'hide' })
    return true
  } catch {
    return false
  }
}
