import { connect, type Socket } from 'node:net'
import { command, encodeFrame, type FrameTime, type Gb26875Frame } from '../../contract/gb26875/frame.ts'
import { frameTime } from '../../contract/gb26875/frame-time.ts'
import {
  applicationData,
  decodeObjects,
  encodeObjects,
  type ObjectName,
  type ObjectOf,
} from '../../contract/gb26875/objects.ts'
import { FrameSplitter } from '../../contract/gb26875/splitter.ts'
import {
  bitsValue,
  type ComponentStateBit,
  DEVICE_STATE,
  type DeviceStateBit,
  OPERATIONS,
  type Operation,
  SYSTEM_STATE,
  type SystemStateBit,
} from '../../contract/gb26875/states.ts'
import { pointAt, pointState, THE_SYSTEM } from './panel-points.ts'

/** GB/T 26875.3 §6: an answer is waited for 10 s, and what has none is sent three times more. */
const ANSWER_WITHIN_MS = 10_000
const MOST_SENDS = 4
const SEQUENCES = 65_536
/** Between the 20 and 30 s that makers choose. */
const HEARTBEAT_MS = 25_000
const RECONNECT_MS = 2000
/** The person on duty gets up and presses the button. */
const DUTY_ANSWER_MS = 5000
/** GB/T 26875.3 table 6, in 0.1 °C. */
const TEMPERATURE = 3
const TENTHS = 10
const VERSION = { main: 1, user: 1 }
/** What a centre calls itself is its own affair: the device sends where it was told to at its installation. */
const CENTRE = 1
const OPERATOR = 1

export interface TransmissionDeviceOptions {
  readonly host: string
  readonly port: number
  /** Its source address. */
  readonly address: number
  /** Points of the panel behind it. */
  readonly points: number
  /** How long the person on duty takes to answer a duty check, ms; absent: 5 s. Infinity: nobody is there. */
  readonly dutyAnswerMs?: number
  /** Between two tries to connect, ms; absent: 2 s. */
  readonly reconnectMs?: number
  /** Told what happens, for a person who watches. */
  readonly onEvent?: (what: string) => void
}

interface Upload {
  readonly data: Uint8Array
  readonly sequence: number
  readonly resolve: (isAcknowledged: boolean) => void
}

/**
 * A transmission device (用户信息传输装置) with the fire panel behind it, as GB/T 26875.3 wants it: one frame at a time, each
 * sent until it is acknowledged; answers what the centre asks. After a broken connection it goes on where it was.
 */
export class TransmissionDevice {
  private readonly options: TransmissionDeviceOptions
  private readonly states = new Map<number, readonly ComponentStateBit[]>()
  private readonly uploads: Upload[] = []
  private deviceBits: readonly DeviceStateBit[] = []
  private socket: Socket | undefined
  private sequence = 1
  private sends = 0
  private retry: NodeJS.Timeout | undefined
  private heartbeat: NodeJS.Timeout | undefined
  private again: NodeJS.Timeout | undefined
  private duty: NodeJS.Timeout | undefined
  private stopped = false

  constructor(options: TransmissionDeviceOptions) {
    this.options = options
  }

  start(): void {
    this.heartbeat = setInterval(() => void this.upload(), HEARTBEAT_MS)
    this.connect()
    void this.upload()
  }

  /** Ends the connection; frames that were not acknowledged resolve to false. */
  stop(): void {
    this.stopped = true
    for (const timer of [this.retry, this.heartbeat, this.again, this.duty]) clearTimeout(timer)
    this.socket?.destroy()
    for (const { resolve } of this.uploads.splice(0)) resolve(false)
  }

  /** Sets the state of points and reports it in one frame. Resolves with whether it was acknowledged. */
  report(points: readonly number[], ...bits: readonly ComponentStateBit[]): Promise<boolean> {
    for (const n of points) this.states.set(n, bits)
    return this.upload(
      'componentState',
      points.map((n) => ({ ...pointState(n, bits), time: this.now() })),
    )
  }

  /** A temperature measured at a point, °C. */
  measure(n: number, degrees: number): Promise<boolean> {
    const { state: _, text: __, ...component } = pointState(n, [])
    const value = Math.round(degrees * TENTHS)
    return this.upload('analogue', [{ ...component, analogueType: TEMPERATURE, value, time: this.now() }])
  }

  /** Somebody pressed a button at the panel. */
  operate(...operations: readonly Operation[]): Promise<boolean> {
    const operation = bitsValue(OPERATIONS, operations)
    return this.upload('systemOperation', [{ ...THE_SYSTEM, operation, operator: OPERATOR, time: this.now() }])
  }

  /** The state of the transmission device itself: mains, battery, lines. */
  reportDevice(...bits: readonly DeviceStateBit[]): Promise<boolean> {
    this.deviceBits = bits
    return this.upload('deviceState', [this.deviceState()])
  }

  /** Without objects: a heartbeat. */
  private upload<N extends ObjectName>(name?: N, objects: readonly ObjectOf<N>[] = []): Promise<boolean> {
    const data = name === undefined ? NO_DATA : encodeObjects(applicationData(name, objects))
    // A heartbeat behind others says nothing that they do not.
    if (name === undefined && this.uploads.length > 0) return Promise.resolve(false)
    return new Promise((resolve) => {
      this.uploads.push({ data, sequence: this.sequence, resolve })
      this.sequence = (this.sequence + 1) % SEQUENCES
      if (this.uploads.length === 1) this.transmit()
    })
  }

  private connect(): void {
    const { host, port, onEvent } = this.options
    const splitter = new FrameSplitter()
    const socket = connect({ host, port, noDelay: true })
    this.socket = socket
    socket.on('connect', () => {
      onEvent?.(`connected to ${host}:${port}`)
      this.sends = 0
      if (this.uploads.length === 0) void this.upload()
      else this.transmit()
    })
    socket.on('data', (chunk) => {
      for (const piece of splitter.push(chunk)) if (piece.kind === 'frame') this.hear(piece.frame)
    })
    socket.on('error', (error) => onEvent?.(`connection: ${error.message}`))
    socket.on('close', () => {
      clearTimeout(this.retry)
      if (!this.stopped) this.again = setTimeout(() => this.connect(), this.options.reconnectMs ?? RECONNECT_MS)
    })
  }

  /** Sends the first frame that waits, again and again until it is acknowledged. */
  private transmit(): void {
    clearTimeout(this.retry)
    const [upload] = this.uploads
    if (upload === undefined || this.socket?.readyState !== 'open') return
    if (this.sends === MOST_SENDS) {
      this.options.onEvent?.(`frame ${upload.sequence} was not acknowledged`)
      this.socket.destroy()
      return
    }
    this.sends += 1
    this.send(command.send, upload.sequence, upload.data)
    this.retry = setTimeout(() => this.transmit(), ANSWER_WITHIN_MS)
  }

  private hear(frame: Gb26875Frame): void {
    const { command: said, sequence } = frame
    if (said === command.acknowledge || said === command.deny) {
      if (this.uploads[0]?.sequence !== sequence) return
      this.uploads.shift()?.resolve(said === command.acknowledge)
      if (said === command.deny) this.options.onEvent?.(`frame ${sequence} was denied`)
      this.sends = 0
      this.transmit()
    } else if (said === command.control) this.obey(frame)
    else if (said === command.request) this.answer(frame)
  }

  private obey(frame: Gb26875Frame): void {
    const asked = decodeObjects(frame.data)
    const known = asked.name === 'setDeviceTime' || asked.name === 'dutyCheck' || asked.name === 'initialiseDevice'
    this.send(known ? command.acknowledge : command.deny, frame.sequence, NO_DATA, frame.source)
    if (!known) return
    this.options.onEvent?.(`the centre: ${asked.name}`)
    if (asked.name === 'initialiseDevice') this.states.clear()
    if (asked.name === 'dutyCheck') this.checkDuty(asked.objects[0]?.minutes ?? 0)
  }

  private checkDuty(minutes: number): void {
    const { dutyAnswerMs = DUTY_ANSWER_MS, onEvent } = this.options
    clearTimeout(this.duty)
    onEvent?.(`duty check: to be answered within ${minutes} min`)
    if (dutyAnswerMs === Number.POSITIVE_INFINITY) return
    this.duty = setTimeout(() => {
      onEvent?.('the person on duty answers')
      const operation = bitsValue(OPERATIONS, ['confirm'])
      void this.upload('deviceOperation', [{ operation, operator: OPERATOR, time: this.now() }])
    }, dutyAnswerMs)
  }

  private answer(frame: Gb26875Frame): void {
    const respond = <N extends ObjectName>(name: N, object: ObjectOf<N>): void =>
      this.send(command.response, frame.sequence, encodeObjects(applicationData(name, [object])), frame.source)
    const asked = decodeObjects(frame.data)
    if (asked.name === 'readDeviceState') respond('deviceState', this.deviceState())
    else if (asked.name === 'readDeviceTime') respond('deviceTime', { clock: this.now() })
    else if (asked.name === 'readSystemState') respond('systemState', this.systemState())
    else {
      const n = asked.name === 'readComponentState' && asked.objects[0] !== undefined ? pointAt(asked.objects[0]) : 0
      if (n >= 1 && n <= this.options.points)
        respond('componentState', { ...pointState(n, this.states.get(n) ?? ['normal']), time: this.now() })
      else this.send(command.deny, frame.sequence, NO_DATA, frame.source)
    }
  }

  private systemState(): ObjectOf<'systemState'> {
    const bits: readonly SystemStateBit[] = [...this.states.values()].some((state) => state.includes('fire'))
      ? ['normal', 'fire']
      : ['normal']
    return { ...THE_SYSTEM, state: bitsValue(SYSTEM_STATE, bits), time: this.now() }
  }

  private deviceState(): ObjectOf<'deviceState'> {
    return { state: bitsValue(DEVICE_STATE, ['normal', ...this.deviceBits]), time: this.now() }
  }

  private now(): FrameTime {
    return frameTime(Date.now())
  }

  private send(said: number, sequence: number, data: Uint8Array, destination = CENTRE): void {
    if (this.socket?.readyState !== 'open') return
    const { address } = this.options
    this.socket.write(
      encodeFrame({ command: said, sequence, version: VERSION, time: this.now(), source: address, destination, data }),
    )
  }
}

const NO_DATA = new Uint8Array(0)
