/**
 * The one table of reasons: why something was refused at the door, put in quarantine, or left out of detection. Each
 * has a stable code (a label in /metrics), what a person reads in both languages, and what an operator should do.
 */

export interface ReasonFacts {
  /** refused: not stored, connection or request turned away · quarantined: stored with its bytes, not understood · set-aside: stored, but not fed to detectors. */
  readonly fate: 'refused' | 'quarantined' | 'set-aside'
  readonly en: string
  readonly zh: string
  /** What to do about it (English, for the operator's log and the console's detail row). */
  readonly todo: string
}

export const REASONS = {
  // at the door
  'auth.unknown-or-wrong': {
    fate: 'refused',
    en: 'Unknown device or wrong secret',
    zh: '设备未登记或密钥错误',
    todo: 'Check the device id (client id = username = device id) and its secret; `hydrant device list` shows what is registered.',
  },
  'auth.identity-mismatch': {
    fate: 'refused',
    en: 'Client id and user name are not the same',
    zh: '客户端标识与用户名不一致',
    todo: 'Set client id and user name to the device id.',
  },
  'auth.certificate': {
    fate: 'refused',
    en: 'Client certificate of another device, expired, or of an unknown authority',
    zh: '客户端证书不属于该设备、已过期或签发机构不受信任',
    todo: 'Give the device a certificate with its id as common name, signed by HYDRANT_TLS_CLIENT_CA: `hydrant tls device ID`.',
  },
  'auth.denied': {
    fate: 'refused',
    en: 'Device on the deny list',
    zh: '设备在禁止名单中',
    todo: 'Somebody uses the identity of a device that was denied. `hydrant device allow ID` takes it off the list.',
  },
  'tls.handshake': {
    fate: 'refused',
    en: 'TLS handshake failed',
    zh: 'TLS 握手失败',
    todo: 'The detail says why: a device that does not trust the certificate, a version below TLS 1.2, plain MQTT on the TLS port.',
  },
  'acl.publish': {
    fate: 'refused',
    en: 'Published to a topic that is not its own',
    zh: '发布到不属于自己的主题',
    todo: 'A device publishes to v1/devices/me/… only; v1/gateway/telemetry is for devices registered as gateway.',
  },
  'acl.subscribe': {
    fate: 'refused',
    en: "Asked for a topic that is not its own commands'",
    zh: '订阅了不属于自己的主题',
    todo: 'A device subscribes to v1/devices/me/rpc/request/+ only.',
  },
  'acl.fire-port': {
    fate: 'refused',
    en: 'No fire or care device on their port',
    zh: '非消防或看护设备使用了消防专用端口',
    todo: 'HYDRANT_MQTT_FIRE_PORT is for fire and care devices and their gateways; give this device the ordinary port.',
  },
  'acl.retain': {
    fate: 'refused',
    en: 'Retained message',
    zh: '不允许保留消息',
    todo: 'Switch the retain flag off in the device.',
  },
  'limit.packet-size': {
    fate: 'refused',
    en: 'Packet larger than allowed',
    zh: '报文超过大小上限',
    todo: 'Split the upload: a payload may have 64 KiB. HYDRANT_MQTT_MAX_PACKET raises the limit.',
  },
  'limit.connect-time': {
    fate: 'refused',
    en: 'No complete CONNECT in time',
    zh: '连接后未按时发送 CONNECT',
    todo: 'Nothing to do for a port scan; a real device that shows here has a bad link.',
  },
  'limit.topic-length': {
    fate: 'refused',
    en: 'Topic longer than allowed',
    zh: '主题过长',
    todo: 'Use the topics of the device contract.',
  },
  'limit.rate': {
    fate: 'refused',
    en: 'More messages or bytes a second than allowed',
    zh: '发送过于频繁或数据过多',
    todo: 'Send several readings in one message (series form).',
  },
  'limit.connections': {
    fate: 'refused',
    en: 'Too many connections',
    zh: '连接数过多',
    todo: 'Raise HYDRANT_MQTT_MAX_CONNECTIONS, or look for a client that reconnects in a loop.',
  },
  'limit.address': {
    fate: 'refused',
    en: 'Too many connections from one address',
    zh: '同一地址连接数过多',
    todo: 'Where a NAT or a proxy stands for more devices, raise HYDRANT_MQTT_MAX_PER_ADDRESS; otherwise look for who holds them open.',
  },
  'limit.strangers': {
    fate: 'refused',
    en: 'Too many connections from one address that say nothing',
    zh: '同一地址空连接过多',
    todo: 'Nothing to do for an attack: devices still get in. A fleet behind one NAT may need more HYDRANT_MQTT_MAX_STRANGERS.',
  },
  'limit.takeover': {
    fate: 'refused',
    en: 'Two clients with the same identity throw each other out',
    zh: '同一身份的客户端互相挤下线',
    todo: 'Find the second client: a copied secret, or a program that starts twice. Give the device a new secret if you do not know it.',
  },
  'limit.filters': {
    fate: 'refused',
    en: 'More topic filters in one request than allowed',
    zh: '一次订阅的主题过多',
    todo: 'A device needs one filter, v1/devices/me/rpc/request/+.',
  },
  'protocol.version': {
    fate: 'refused',
    en: 'Speaks another version of MQTT',
    zh: 'MQTT 版本不受支持',
    todo: 'Set the device to MQTT 3.1.1.',
  },
  'protocol.violation': {
    fate: 'refused',
    en: 'Broke the MQTT protocol',
    zh: '违反 MQTT 协议',
    todo: 'Update or replace the MQTT stack of the device.',
  },
  'gb26875.bad-frame': {
    fate: 'refused',
    en: 'GB/T 26875.3 frame that does not check, denied',
    zh: 'GB/T 26875.3 数据帧校验不通过,已否认',
    todo: 'The detail says what is wrong with it. A link that damages bytes, or a device with another version of the protocol.',
  },
  'gb26875.unknown-address': {
    fate: 'refused',
    en: 'GB/T 26875.3 source address that no device is registered with',
    zh: 'GB/T 26875.3 源地址未登记',
    todo: 'Register the fire panel with the address in the detail: `hydrant device add ID --kind fire-panel --gb-address N`.',
  },
  'gb26875.network': {
    fate: 'refused',
    en: 'GB/T 26875.3 frame from a network that the device does not speak from',
    zh: 'GB/T 26875.3 数据帧来自未授权网络',
    todo: 'Has the device moved? Change --gb-from. Otherwise somebody else sends in its name.',
  },
  'journal.unavailable': {
    fate: 'refused',
    en: 'The journal could not store it; not acknowledged',
    zh: '日志无法写入,未确认',
    todo: 'Free disk space or repair the disk under HYDRANT_DATA_DIR; devices will send again.',
  },
  'journal.disk-guard': {
    fate: 'refused',
    en: 'The disk is nearly full: not stored, not acknowledged',
    zh: '磁盘空间不足,未存储,未确认',
    todo: 'Free disk space under HYDRANT_DATA_DIR (hydrant doctor tells how much is there); meters send again by themselves. HYDRANT_DISK_GUARD_MB is the line.',
  },
  // payloads that cannot be understood
  'payload.not-json': {
    fate: 'quarantined',
    en: 'Not valid JSON',
    zh: '不是有效的 JSON',
    todo: 'Look at the bytes; NaN and Infinity are not JSON, send null or leave the value out.',
  },
  'payload.not-utf8': {
    fate: 'quarantined',
    en: 'Not valid UTF-8',
    zh: '不是有效的 UTF-8',
    todo: 'Send JSON in UTF-8, or binary frames to v1/devices/me/raw/{codec}.',
  },
  'payload.too-deep': {
    fate: 'quarantined',
    en: 'Nested too deeply',
    zh: '嵌套层数过多',
    todo: 'No payload form of the contract nests deeper than eight levels.',
  },
  'payload.shape': {
    fate: 'quarantined',
    en: 'None of the payload forms',
    zh: '不符合任何报文格式',
    todo: 'Compare with the payload forms in the device contract.',
  },
  'payload.empty': {
    fate: 'quarantined',
    en: 'No reading in it',
    zh: '报文中没有读数',
    todo: 'Send at least one value.',
  },
  'payload.too-many': {
    fate: 'quarantined',
    en: 'More readings than one message may hold',
    zh: '一条报文的读数过多',
    todo: 'Split the upload.',
  },
  'series.unequal-lengths': {
    fate: 'quarantined',
    en: 'Series with arrays of different lengths',
    zh: '序列数组长度不一致',
    todo: 'Every array of a series has one entry per step; write null where there is no reading.',
  },
  'series.step': {
    fate: 'quarantined',
    en: 'Series with an impossible step or start',
    zh: '序列的起点或步长无效',
    todo: '`ts` is milliseconds since 1970, `step` milliseconds between 1,000 and 86,400,000.',
  },
  'senml.unsupported': {
    fate: 'quarantined',
    en: 'SenML that this contract does not use',
    zh: '不支持的 SenML 字段',
    todo: 'Use n, u, v/vb/vs, t, bn, bt, bu, bv of RFC 8428.',
  },
  'senml.unit': {
    fate: 'quarantined',
    en: 'SenML unit does not fit the quantity',
    zh: 'SenML 单位与量不符',
    todo: "Send the quantity's own unit or one that converts to it.",
  },
  'gateway.not-a-gateway': {
    fate: 'refused',
    en: 'Not registered as a gateway',
    zh: '未登记为网关',
    todo: 'Register it with --kind gateway.',
  },
  'gateway.not-your-child': {
    fate: 'quarantined',
    en: 'Gateway spoke for a device that is not its own',
    zh: '网关上报了不属于它的设备',
    todo: 'Register the device with --gateway ID, then replay what lies in quarantine.',
  },
  'raw.unknown-codec': {
    fate: 'quarantined',
    en: 'No codec of that name',
    zh: '没有该名称的编解码器',
    todo: 'Check the name of the codec in the topic; the bytes are kept.',
  },
  'raw.bad-frame': {
    fate: 'quarantined',
    en: 'The frame does not check',
    zh: '数据帧校验失败',
    todo: 'Compare the bytes with the maker’s frame description.',
  },
  'raw.cut-off': {
    fate: 'quarantined',
    en: 'The frame announces more than it holds',
    zh: '数据帧不完整,信息对象缺失',
    todo: 'Look at the bytes: the panel sends shorter objects than GB/T 26875.3 says, or counts more than it sends. It may have been a fire.',
  },
  'raw.wrong-count': {
    fate: 'quarantined',
    en: 'Number of objects and length of the frame do not agree',
    zh: '信息对象数目与数据长度不符',
    todo: 'What could be read was read. Ask the maker of the transmission device which is right.',
  },
  'raw.unknown-type': {
    fate: 'quarantined',
    en: 'A type that GB/T 26875.3 does not have',
    zh: '标准中没有的数据类型',
    todo: 'Compare the bytes with the description of the transmission device; it may have been a fire.',
  },
  'raw.own-type': {
    fate: 'quarantined',
    en: 'A type that the maker has defined himself',
    zh: '厂家自定义的数据类型',
    todo: 'Nothing of the standard is lost. Ask the maker what it says if you want to see it.',
  },
  'panel.too-many-points': {
    fate: 'set-aside',
    en: 'More points than one fire panel may have',
    zh: '点位数超过单台控制器上限',
    todo: 'Look for a transmission device that makes up addresses. A fire of such a point is raised on the panel itself; register the points that are real by hand.',
  },
  'device.unregistered': {
    fate: 'quarantined',
    en: 'The device has been removed from the registry',
    zh: '设备已从登记表移除',
    todo: 'Add it again and replay what lies in quarantine, or leave it; the bytes are kept.',
  },
  'history.missing': {
    fate: 'refused',
    en: 'The history of readings was not there and has been begun anew',
    zh: '历史数据库缺失,已重新建立',
    todo: 'Stop Hydrant and restore a backup to get older readings back; what the journal still held is there again.',
  },
  'journal.damaged': {
    fate: 'refused',
    en: 'Journal records were damaged or missing and had to be skipped',
    zh: '日志记录损坏或缺失,已跳过',
    todo: 'Check the disk. Restore the journal from a backup to get these records back.',
  },
  'poison.exception': {
    fate: 'quarantined',
    en: 'Hydrant failed on it (a defect)',
    zh: '系统处理时出错(程序缺陷)',
    todo: 'Please report it with the bytes.',
  },
  // single readings that are kept but feed no detector
  'value.not-finite': {
    fate: 'quarantined',
    en: 'Not a finite number',
    zh: '不是有限数值',
    todo: 'Leave the value out, or send null in a series.',
  },
  'value.wrong-type': {
    fate: 'quarantined',
    en: 'Value of the wrong type',
    zh: '数值类型错误',
    todo: 'See the quantities table: numbers unquoted, true/false for states.',
  },
  'value.unknown-quantity': {
    fate: 'quarantined',
    en: 'Unknown quantity',
    zh: '未知的量',
    todo: 'See the quantities table for the name.',
  },
  'value.out-of-bounds': {
    fate: 'quarantined',
    en: 'Physically impossible value',
    zh: '物理上不可能的数值',
    todo: 'Check the unit and the sensor.',
  },
  'value.register-backwards': {
    fate: 'quarantined',
    en: 'Register runs backwards without reverse flow',
    zh: '累计读数倒退且无反向流量',
    todo: 'Was the meter exchanged? Otherwise check its wiring or decoder.',
  },
  'time.future': {
    fate: 'quarantined',
    en: 'Time more than a day ahead',
    zh: '时间超前一天以上',
    todo: "Set the device's clock; ts is milliseconds since 1970 in UTC.",
  },
  'time.invalid': {
    fate: 'quarantined',
    en: 'Not a usable time',
    zh: '时间无效',
    todo: 'ts is a whole number of milliseconds since 1970 in UTC.',
  },
  'time.clock-unset': {
    fate: 'set-aside',
    en: 'Clock never set; time of arrival used',
    zh: '设备时钟未校准,采用到达时间',
    todo: "Set the device's clock.",
  },
  'order.duplicate': {
    fate: 'set-aside',
    en: 'Reading already known',
    zh: '重复读数',
    todo: 'Nothing: a retry was recognised.',
  },
  'order.late': {
    fate: 'set-aside',
    en: 'Older than what was already judged',
    zh: '迟到的读数',
    todo: 'Nothing: it corrects history.',
  },
  'zone.too-late': {
    fate: 'set-aside',
    en: 'Too old to be counted in its zone',
    zh: '读数过旧,未计入片区水量',
    todo: 'Nothing: it is in the history. Zones are corrected by readings of the last ten days before the newest of the meter.',
  },
  'zone.tape-unreadable': {
    fate: 'set-aside',
    en: 'What was kept of a meter for its zones cannot be read; it begins anew',
    zh: '该表的片区核算记录已损坏,无法读取,现从头记录',
    todo: 'Check the disk: a row of the state is damaged. Hours that were counted stay; what ran until the next reading is not counted.',
  },
  // what an InfluxDB will not take
  'history.type-conflict': {
    fate: 'quarantined',
    en: 'InfluxDB holds this quantity as another type',
    zh: 'InfluxDB 中该量的字段类型不一致',
    todo: 'Another program wrote to the measurement `reading`: give Hydrant a bucket of its own, or drop that field. Then replay from quarantine.',
  },
  'history.beyond-retention': {
    fate: 'quarantined',
    en: 'Older than InfluxDB keeps readings',
    zh: '早于 InfluxDB 的保留期',
    todo: 'Lengthen the retention of the bucket (InfluxDB 1.x: of the default retention policy), then replay from quarantine.',
  },
  'history.refused': {
    fate: 'quarantined',
    en: 'InfluxDB refuses the reading',
    zh: 'InfluxDB 拒绝写入该读数',
    todo: 'The detail has InfluxDB’s own words. Put right what it names, then replay from quarantine.',
  },
} as const satisfies Record<string, ReasonFacts>

export type Reason = keyof typeof REASONS
export const isReason = (code: string): code is Reason => Object.hasOwn(REASONS, code)
