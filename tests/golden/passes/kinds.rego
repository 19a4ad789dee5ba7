# An object of which only the kind is asked, beside members that are read, is not built.
package golden

p contains "sla" if not is_object(input.sla)

p contains input.sla.timeout if input.sla.timeout > 5

p contains ["qos", input.qos] if not is_object(input.qos)

p contains ["qos", input.qos.mode] if not input.qos.mode in {"a", "b"}

p contains ["whole", input.whole] if is_object(input.whole)

p contains input.whole.part
