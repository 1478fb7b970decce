using System.Text;
using Causality.Ingest.Enrichment;

namespace Causality.Ingest.Capture;

/// <summary>Where UTF-8 text lies: in the body, or, where it had to be unescaped or made, in the draft's scratch (then Start is negative).</summary>
internal readonly record struct TextRef(int Start, int Length);

/// <summary>
/// One value that an event holds: a number (flags, enums and the bits of floats too), a text, a JSON value, the frame of a message
/// (Start), or a list of further values (from Start to Length, Number of them). Members of maps and unknown fields have a key.
/// </summary>
internal struct Slot
{
    public FieldKind Kind;
    public long Number;
    public int Start;
    public int Length;
    public TextRef Key;
    public uint Hash;
    public int Next;

    public readonly TextRef Text => new(Start, Length);

    public void SetText(TextRef text) => (Kind, Start, Length) = (FieldKind.Text, text.Start, text.Length);
}

/// <summary>
/// An event between its bytes and its row, whichever format it came in. A message is a frame of slots: first the list of its unknown
/// fields, then one for each field. Reused from event to event, so that nothing is allocated for one that is accepted.
/// </summary>
internal sealed class EventDraft
{
    public const int EnvelopeFrame = 0;
    private const int MostViolations = 16;

    private readonly List<Violation> _violations = [];
    private readonly FieldSchema[] _path = new FieldSchema[16];
    private int _depth;
    private Slot[] _slots = new Slot[256];
    private int _slotsUsed;
    private byte[] _scratch = new byte[4096];
    private int _scratchUsed;
    private ReadOnlyMemory<byte> _body;

    /// <summary>What the client's shape tells beside the envelope; see ClientShapes.</summary>
    public long Platform { get; set; }
    public TextRef Os { get; set; }
    public TextRef SdkVersion { get; set; }

    /// <summary>The sender's own address, where the request came by a server of theirs.</summary>
    public TextRef Ip { get; set; }

    /// <summary>What was found out beside what the client said; see Enricher.</summary>
    public UserAgent? Agent { get; set; }
    public TextRef ReferrerClass { get; set; }

    /// <summary>Whether a device context also tells that the device is not jailbroken and no emulator.</summary>
    public bool KnowsDeviceFlags { get; set; }

    public IReadOnlyList<Violation> Violations => _violations;

    public bool Failed => _violations.Count > 0;

    /// <summary>Bytes held between requests; a draft that grew large is not kept.</summary>
    public int Footprint => _scratch.Length + (_slots.Length * 48);

    public void Open(ReadOnlyMemory<byte> body) => _body = body;

    public void Begin()
    {
        _violations.Clear();
        _depth = 0;
        _slotsUsed = 0;
        _scratchUsed = 0;
        (Platform, Os, SdkVersion, Ip, KnowsDeviceFlags) = (0, default, default, default, true);
        (Agent, ReferrerClass) = (null, default);
        NewFrame(Schema.Envelope);
    }

    /// <summary>Holds until a slot is taken: <see cref="NewFrame"/>, <see cref="Append"/> and <see cref="AppendMember"/> may move them all.</summary>
    public ref Slot this[int slot] => ref _slots[slot];

    public ref Slot this[int frame, FieldSchema field] => ref _slots[frame + 1 + field.Slot];

    public int NewFrame(MessageSchema schema) => Take(schema.Slots + 1);

    /// <summary>Adds an empty value to the list held by a slot (a frame's own number: its unknown fields).</summary>
    public int Append(int list)
    {
        var item = Take(1);
        ref var head = ref _slots[list];
        if (head.Number++ == 0)
            head.Start = item;
        else
            _slots[head.Length].Next = item;
        head.Length = item;
        return item;
    }

    /// <summary>The member of a list that has this key, or 0.</summary>
    public int Find(int list, ReadOnlySpan<byte> key)
    {
        if (_slots[list].Number == 0)
            return 0;
        var hash = NameHash.Of(key);
        for (var item = _slots[list].Start; item != 0; item = _slots[item].Next)
        {
            if (_slots[item].Hash == hash && Bytes(_slots[item].Key).SequenceEqual(key))
                return item;
        }
        return 0;
    }

    public int AppendMember(int list, TextRef key)
    {
        var hash = NameHash.Of(Bytes(key));
        var item = Append(list);
        (_slots[item].Key, _slots[item].Hash) = (key, hash);
        return item;
    }

    /// <summary>The text's bytes. They stay as they are until the next event begins, however much is written meanwhile.</summary>
    public ReadOnlySpan<byte> Bytes(TextRef text) =>
        text.Start < 0 ? _scratch.AsSpan(~text.Start, text.Length) : _body.Span.Slice(text.Start, text.Length);

    public ReadOnlySpan<byte> Text(int frame, FieldSchema field)
    {
        ref var slot = ref this[frame, field];
        return slot.Kind == FieldKind.Text ? Bytes(slot.Text) : [];
    }

    public TextRef Keep(ReadOnlySpan<byte> text)
    {
        var start = _scratchUsed;
        text.CopyTo(Room(text.Length));
        _scratchUsed += text.Length;
        return new TextRef(~start, text.Length);
    }

    /// <summary>Free scratch to write to, at least so many bytes; <see cref="Advance"/> keeps what was written.</summary>
    public Span<byte> Room(int bytes)
    {
        if (_scratch.Length - _scratchUsed < bytes)
            Array.Resize(ref _scratch, Math.Max(_scratch.Length * 2, _scratchUsed + bytes));
        return _scratch.AsSpan(_scratchUsed);
    }

    public void Advance(int bytes) => _scratchUsed += bytes;

    public void Put(byte one)
    {
        Room(1)[0] = one;
        _scratchUsed++;
    }

    public int Mark() => _scratchUsed;

    public TextRef Since(int mark) => new(~mark, _scratchUsed - mark);

    public void Enter(FieldSchema field) => _path[_depth++] = field;

    public void Leave() => _depth--;

    /// <summary>Notes that a field of the message entered last breaks a rule: the event will be rejected. A field is noted once.</summary>
    public void Fail(string field, string code, string description)
    {
        if (_violations.Count == MostViolations)
            return;
        var path = new StringBuilder("event");
        foreach (var outer in _path.AsSpan(0, _depth))
            path.Append('.').Append(outer.Name);
        if (field.Length > 0)
            path.Append('.').Append(field);
        var full = path.ToString();
        if (!_violations.Exists(v => v.Field == full))
            _violations.Add(new Violation(full, description, code));
    }

    /// <summary>The same for a field that only the client knows, whose name may be anything.</summary>
    public void Fail(ReadOnlySpan<byte> field, string code, string description)
    {
        var name = Encoding.UTF8.GetString(field.Length > 64 ? field[..64] : field);
        Fail(string.Concat(name.Where(c => !char.IsControl(c) && c != '\uFFFD')), code, description);
    }

    /// <summary>Takes back what was noted since there were so many violations.</summary>
    public void Forget(int since) => _violations.RemoveRange(since, _violations.Count - since);

    private int Take(int slots)
    {
        if (_slots.Length - _slotsUsed < slots)
            Array.Resize(ref _slots, Math.Max(_slots.Length * 2, _slotsUsed + slots));
        _slots.AsSpan(_slotsUsed, slots).Clear();
        _slotsUsed += slots;
        return _slotsUsed - slots;
    }
}
