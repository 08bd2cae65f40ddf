import { isReason, REASONS, type Reason } from '../../../../contract/reasons.ts'
import type { Language } from './text.ts'

/** What to do about a reason, in Chinese; the contract's table has the English. A reason without a line does not compile. */
const TODO_ZH: Readonly<Record<Reason, string>> = {
  'auth.unknown-or-wrong':
    '检查设备编号(客户端标识 = 用户名 = 设备编号)和密钥;用 `hydrant device list` 查看已登记的设备。',
  'auth.identity-mismatch': '把客户端标识和用户名都设为设备编号。',
  'auth.certificate':
    '为设备签发以设备编号为通用名(CN)、由 HYDRANT_TLS_CLIENT_CA 签名的证书:`hydrant tls device 设备编号`。',
  'auth.denied': '有人在使用已被禁止的设备的身份。用 `hydrant device allow 设备编号` 可从禁止名单中移除。',
  'tls.handshake': '详情说明原因:设备不信任证书、TLS 版本低于 1.2,或在 TLS 端口上使用了明文 MQTT。',
  'acl.publish': '设备只能发布到 v1/devices/me/…;v1/gateway/telemetry 仅供登记为网关的设备使用。',
  'acl.fire-port': 'HYDRANT_MQTT_FIRE_PORT 仅供消防、看护设备及其网关使用;请让该设备改用普通端口。',
  'acl.subscribe': '设备只能订阅 v1/devices/me/rpc/request/+。',
  'acl.retain': '在设备中关闭保留(retain)标志。',
  'limit.packet-size': '拆分上报:一条报文最多 64 KiB。可用 HYDRANT_MQTT_MAX_PACKET 提高上限。',
  'limit.connect-time': '若是端口扫描则无需处理;若是真实设备,说明链路很差。',
  'limit.topic-length': '使用设备协议规定的主题。',
  'limit.rate': '把多个读数合并到一条报文(序列格式)。',
  'limit.connections': '提高 HYDRANT_MQTT_MAX_CONNECTIONS,或查找反复重连的客户端。',
  'limit.address':
    '若该地址是 NAT 或代理,后面有更多设备,请提高 HYDRANT_MQTT_MAX_PER_ADDRESS;否则查找是谁占用了这些连接。',
  'limit.strangers': '若为攻击则无需处理:设备仍能接入。若大量设备共用一个 NAT,可提高 HYDRANT_MQTT_MAX_STRANGERS。',
  'limit.takeover': '查找第二个客户端:密钥被复制,或程序启动了两次。若找不到,请为设备更换密钥。',
  'limit.filters': '设备只需一个主题过滤器:v1/devices/me/rpc/request/+。',
  'protocol.version': '把设备设为 MQTT 3.1.1。',
  'protocol.violation': '升级或更换设备的 MQTT 协议栈。',
  'gb26875.bad-frame': '详情说明错在哪里:线路干扰使字节出错,或设备采用了其他版本的协议。',
  'gb26875.unknown-address':
    '按详情中的地址登记该火灾报警控制器:`hydrant device add 设备编号 --kind fire-panel --gb-address 地址`。',
  'gb26875.network': '设备换了网络?请修改 --gb-from;否则说明有人冒用其地址发送数据。',
  'journal.unavailable': '释放 HYDRANT_DATA_DIR 所在磁盘的空间或修复磁盘;设备会重新发送。',
  'journal.disk-guard':
    '释放 HYDRANT_DATA_DIR 所在磁盘的空间(hydrant doctor 显示剩余空间);表计会自动重新发送。界限由 HYDRANT_DISK_GUARD_MB 设置。',
  'history.missing': '停止 Hydrant 并从备份恢复可找回更早的读数;日志中仍有的读数已重新写入。',
  'journal.damaged': '检查磁盘;从备份恢复,或接受该记录丢失(见说明)。',
  'payload.not-json': '查看原始字节;NaN 和 Infinity 不是 JSON,请发送 null 或省略该值。',
  'payload.not-utf8': '以 UTF-8 发送 JSON,二进制帧请发布到 v1/devices/me/raw/{codec}。',
  'payload.too-deep': '协议中没有任何格式的嵌套超过八层。',
  'payload.shape': '对照设备协议中的报文格式。',
  'payload.empty': '至少发送一个值。',
  'payload.too-many': '拆分上报。',
  'series.unequal-lengths': '序列中每个数组的每一步都要有一项;没有读数时写 null。',
  'series.step': '`ts` 为 1970 年以来的毫秒数,`step` 为 1,000 至 86,400,000 毫秒。',
  'senml.unsupported': '使用 RFC 8428 的 n、u、v/vb/vs、t、bn、bt、bu、bv。',
  'senml.unit': '使用该量自己的单位,或可以换算的单位。',
  'gateway.not-a-gateway': '以 --kind gateway 登记。',
  'gateway.not-your-child': '以 --gateway 网关编号 登记该设备,然后重放隔离的报文。',
  'raw.unknown-codec': '检查主题中的编解码器名称;原始字节已保存。',
  'raw.bad-frame': '把字节与厂家的帧格式说明对照。',
  'raw.cut-off': '查看原始字节:控制器发送的信息对象短于 GB/T 26875.3 的规定,或数目多于实际内容。其中可能有火警。',
  'raw.wrong-count': '能读出的已全部读出。请向用户信息传输装置的厂家核实哪一个正确。',
  'raw.unknown-type': '将字节与用户信息传输装置的说明书对照;其中可能有火警。',
  'raw.own-type': '标准规定的内容没有丢失。如需了解其含义,请询问厂家。',
  'panel.too-many-points':
    '查找自行编造地址的用户信息传输装置。这类点位的火警会在控制器本身上报出;真实的点位请手工登记。',
  'device.unregistered': '重新登记后重放隔离的报文,或不处理;原始字节已保存。',
  'poison.exception': '请连同原始字节报告此缺陷。',
  'value.not-finite': '省略该值,序列中发送 null。',
  'value.wrong-type': '见量表:数值不加引号,状态用 true/false。',
  'value.unknown-quantity': '在量表中查找正确的名称。',
  'value.out-of-bounds': '检查单位和传感器。',
  'value.register-backwards': '是否换过表?否则检查接线或解码器。',
  'time.future': '校准设备时钟;ts 为 1970 年以来的 UTC 毫秒数。',
  'time.invalid': 'ts 为 1970 年以来的 UTC 整数毫秒。',
  'time.clock-unset': '校准设备时钟。',
  'order.duplicate': '无需处理:已识别为重发。',
  'order.late': '无需处理:用于修正历史。',
  'zone.tape-unreadable':
    '请检查磁盘:状态库中有一行数据损坏。此前已核算的水量不变,到下一条读数之前的用水量不计入片区。',
  'zone.too-late': '无需处理:已存入历史。片区水量只按该表最新读数之前十天内的读数修正。',
  'history.type-conflict':
    '有其他程序向 measurement `reading` 写入过数据:请为 Hydrant 使用独立的 bucket,或删除该字段,然后从隔离区重放。',
  'history.beyond-retention': '请延长 bucket 的保留期(InfluxDB 1.x 为默认保留策略),然后从隔离区重放。',
  'history.refused': '详情中是 InfluxDB 的原话。请先解决其中所述问题,然后从隔离区重放。',
}

export function todoOf(reason: string, language: Language): string {
  if (!isReason(reason)) return ''
  return language === 'zh' ? TODO_ZH[reason] : REASONS[reason].todo
}
