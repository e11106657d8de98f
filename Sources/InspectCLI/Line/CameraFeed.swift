import CaptureKit
import Synchronization
import Threading

/// A camera on a thread of its own, its pictures in a queue. Silence and loss become news in the
/// queue; a lost camera is tried again until it is back.
final class CameraFeed: Sendable {
  let name: String
  let queue = FrameQueue(capacity: 8)
  private let camera: any Camera
  private let thread: NamedThread
  private let isStopped = Atomic<Bool>(false)

  /// A camera that says nothing for so long is a fault, or three periods where that is longer.
  private static let silence = 1.2
  /// The same before the first picture, for which cameras take their time.
  private static let firstSilence = 1.8
  /// How soon `stop` is noticed.
  private static let slice = 0.1
  private static let retry = 0.25

  init(_ camera: any Camera) {
    self.camera = camera
    name = camera.url.text
    thread = NamedThread(name: "camera")
  }

  /// A camera that is there but does not begin is an outage like any other.
  func start() throws(CaptureError) {
    var failure: CaptureError?
    do throws(CaptureError) {
      try camera.start()
    } catch {
      guard case .lost = error else { throw error }
      failure = error
    }
    thread.start { [failure] in self.capture(after: failure) }
  }

  func stop() {
    isStopped.store(true, ordering: .relaxed)
    queue.close()
    thread.join()
    camera.stop()
  }

  private func capture(after failure: CaptureError?) {
    var patience = max(Self.firstSilence, 3 * camera.period)
    var lastSign = MonotonicTime.now
    var isOut = false
    func outage(_ why: String) {
      if !isOut { queue.push(.outage(why)) }
      isOut = true
    }
    if let failure {
      outage("\(failure)")
      reconnect()
      lastSign = .now
    }
    while !isStopped.load(ordering: .relaxed) {
      do throws(CaptureError) {
        guard let frame = try camera.next(until: .now + Self.slice) else {
          if !camera.mayBeSilent && MonotonicTime.now - lastSign > patience {
            outage("no picture for \(Int(patience * 1000)) ms")
          }
          continue
        }
        patience = max(Self.silence, 3 * camera.period)
        if isOut {
          queue.push(.recovered)
          isOut = false
        }
        if camera.isTriggered { queue.pushWaiting(frame) } else { queue.push(frame) }
        // Waiting for room in the queue is no silence of the camera.
        lastSign = .now
      } catch {
        if error == .ended {
          queue.push(.ended(missed: 0, nil))
          return
        }
        outage("\(error)")
        reconnect()
        lastSign = .now
      }
    }
    queue.push(.ended(missed: 0, nil))
  }

  private func reconnect() {
    while !isStopped.load(ordering: .relaxed) {
      (MonotonicTime.now + Self.retry).sleep()
      do throws(CaptureError) {
        try camera.start()
        return
      } catch {
        // Still gone: the outage is told already, the next try follows.
        continue
      }
    }
  }
}
