# ruby-statsd through its whole interface: UDP, batches, TCP (whose messages have no newline at
# their end), and its Admin over the management console. The one argument is JSON with the ports.
# Its dice always fall on "send". Prints what Admin was told.
require 'json'
require 'statsd-ruby'

class Statsd
  def rand = 0
end

ports = JSON.parse(ARGV[0])
statsd = Statsd.new('127.0.0.1', ports['udp'])
statsd.namespace = 'rb'
200.times { statsd.increment 'hits' }
statsd.decrement 'hits'
statsd.count 'hits', 5
statsd.count 'sampled', 2, 0.1
statsd.gauge 'level', 100
statsd.gauge 'level', '+5'
statsd.gauge 'level', -8
statsd.timing 'took', 320
statsd.timing 'rare', 9, 0.25
statsd.time('block') { 1 }
statsd.set 'users', 'alice'
statsd.set 'users', 'bob'
statsd.increment 'Foo::Bar|x@y:z'
statsd.postfix = 'end'
statsd.increment 'hits', 1
statsd.postfix = nil
statsd.batch do |batch|
  25.times { batch.increment 'batched', 1 }
  batch.gauge 'batch.level', 3
end
statsd.batch_size = nil
statsd.batch_byte_size = 120
statsd.batch { |batch| 40.times { batch.count 'bytes', 2 } }

# A connection for each message, which ends without a newline.
def over_tcp(port, namespace)
  tcp = Statsd.new('127.0.0.1', port, :tcp)
  tcp.namespace = namespace
  yield tcp
  tcp.instance_variable_get(:@socket).close
end
over_tcp(ports['tcp'], 'rbtcp') { |tcp| tcp.increment 'hits' }
over_tcp(ports['tcp'], 'rbtcp') { |tcp| tcp.gauge 'level', 12 }
over_tcp(ports['tcp'], 'rbtcp') do |tcp|
  tcp.batch_size = 100
  tcp.batch { |batch| 60.times { batch.count 'batched', 3 } }
end

admin = Statsd::Admin.new('127.0.0.1', ports['console'])
deadline = Process.clock_gettime(Process::CLOCK_MONOTONIC) + 10
sleep 0.02 until admin.gauges['rb.level'] == 97 || Process.clock_gettime(Process::CLOCK_MONOTONIC) > deadline
puts JSON.generate(
  {
    gauges: admin.gauges.slice('rb.level', 'rb.batch.level'),
    counters: admin.counters.key?('rb.hits'),
    timers: admin.timers.key?('rb.took'),
    bad: admin.stats['messages.bad_lines_seen'],
    deleted: admin.delgauges('rb.batch.*'),
    left: admin.gauges.keys.grep(/^rb\.batch/)
  }
)
