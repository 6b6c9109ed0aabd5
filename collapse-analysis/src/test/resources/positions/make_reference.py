"""Two small networks with kernels that meet many positions, and what NumPy says of them.

    python make_reference.py            (TensorFlow 2.18.1, NumPy; writes beside itself)

maps: three convolutions (strides, dilation, SAME and VALID, tanh) and two dense layers.
sequence: attention projections by einsum, a dense layer shared by all positions, one kernel used
twice. Everything is float64. Gradients of the products come from TensorFlow's tape in Python; the
patches, the statistics and the bounds are plain NumPy with loops over positions, and share no code
with Rankfold.
"""

import json
import os

import numpy as np
import tensorflow as tf

HERE = os.path.dirname(os.path.abspath(__file__))
CLASSES = 3
SAMPLES = 66
LAMBDA = 0.02
RNG = np.random.default_rng(7)


def weight(*shape):
    return tf.Variable(
        RNG.normal(size=shape) / np.sqrt(np.prod(shape[:-1])), dtype=tf.float64
    )


class Maps(tf.Module):
    shape = (7, 6, 2)

    def __init__(self):
        super().__init__()
        self.kernels = {}
        with self.name_scope:
            for name, shape in [
                ("dilated", (2, 2, 2, 4)),
                ("same", (3, 3, 4, 4)),
                ("strided", (3, 2, 4, 3)),
                ("dense", (3 * 3 * 3, 6)),
                ("classifier", (6, CLASSES)),
            ]:
                self.kernels[name] = tf.Variable(
                    RNG.normal(size=shape) / np.sqrt(np.prod(shape[:-1])),
                    dtype=tf.float64,
                    name=name + "/kernel",
                )

    def run(self, x, watch=lambda name, z, a: a):
        k = self.kernels
        # The dilated one comes first: on CPUs TensorFlow has no gradient through it.
        a = tf.nn.conv2d(x, k["dilated"], 1, "VALID", dilations=(2, 3))  # [B, 5, 3, 4]
        h = tf.tanh(watch("dilated", x, a))
        h = tf.tanh(watch("same", h, tf.nn.conv2d(h, k["same"], 1, "SAME")))
        a = tf.nn.conv2d(h, k["strided"], (2, 1), "SAME")  # [B, 3, 3, 3]
        h = tf.reshape(tf.tanh(watch("strided", h, a)), [-1, 27])
        h = tf.tanh(watch("dense", h, tf.matmul(h, k["dense"])))
        return watch("classifier", h, tf.matmul(h, k["classifier"]))

    @tf.function(input_signature=[tf.TensorSpec((None, 7, 6, 2), tf.float64)])
    def serve(self, x):
        return {"logits": self.run(x)}


class Sequence(tf.Module):
    shape = (5, 4)

    def __init__(self):
        super().__init__()
        self.kernels = {}
        with self.name_scope:
            for name, shape in [
                ("query", (4, 2, 3)),
                ("value", (4, 2, 3)),
                ("projection", (2, 3, 4)),
                ("shared", (4, 4)),
                ("classifier", (4, CLASSES)),
            ]:
                self.kernels[name] = tf.Variable(
                    RNG.normal(size=shape) / np.sqrt(4),
                    dtype=tf.float64,
                    name=name + "/kernel",
                )

    def run(self, x, watch=lambda name, z, a: a):
        k = self.kernels
        q = watch("query", x, tf.einsum("btd,dhk->bthk", x, k["query"]))
        v = watch("value", x, tf.einsum("btd,dhk->bthk", x, k["value"]))
        p = tf.nn.softmax(tf.einsum("bthk,bshk->bhts", q, v))
        o = tf.einsum("bhts,bshk->bthk", p, v)
        h = watch("projection", o, tf.einsum("bthk,hkd->btd", o, k["projection"]))
        h = tf.tanh(watch("shared", h, tf.matmul(h, k["shared"])))
        h = tf.tanh(watch("shared", h, tf.matmul(h, k["shared"])))
        h = tf.reduce_mean(h, 1)
        return watch("classifier", h, tf.matmul(h, k["classifier"]))

    @tf.function(input_signature=[tf.TensorSpec((None, 5, 4), tf.float64)])
    def serve(self, x):
        return {"logits": self.run(x)}


def patches(images, kernel, stride, padding, dilation):
    """Rows [N, positions, kh kw Ci], by loops."""
    kh, kw = kernel[:2]
    eh, ew = (kh - 1) * dilation[0] + 1, (kw - 1) * dilation[1] + 1
    n, height, width, channels = images.shape
    if padding == "SAME":
        oh, ow = -(-height // stride[0]), -(-width // stride[1])
        ph = max((oh - 1) * stride[0] + eh - height, 0)
        pw = max((ow - 1) * stride[1] + ew - width, 0)
        images = np.pad(
            images,
            ((0, 0), (ph // 2, ph - ph // 2), (pw // 2, pw - pw // 2), (0, 0)),
        )
    else:
        oh, ow = (height - eh) // stride[0] + 1, (width - ew) // stride[1] + 1
    rows = np.zeros((n, oh * ow, kh * kw * channels))
    for i in range(oh):
        for j in range(ow):
            for a in range(kh):
                for b in range(kw):
                    y = i * stride[0] + a * dilation[0]
                    x = j * stride[1] + b * dilation[1]
                    at = (a * kw + b) * channels
                    rows[:, i * ow + j, at : at + channels] = images[:, y, x]
    return rows


def collapse(z, y, predictions):
    n = len(y)
    means = np.stack([z[y == k].mean(0) for k in range(CLASSES)])
    v = np.array([((z[y == k] - means[k]) ** 2).sum(1).mean() for k in range(CLASSES)])
    counts = np.bincount(y)
    tcv = (counts * v).sum() / n
    tv = ((z - z.mean(0)) ** 2).sum() / n
    centred = means - means.mean(0)
    sw = (z - means[y]).T @ (z - means[y]) / n
    sb = centred.T @ centred / CLASSES
    norms = np.linalg.norm(centred, axis=1)
    pairs = [(k, j) for k in range(CLASSES) for j in range(k + 1, CLASSES)]
    cos = (centred @ centred.T) / np.outer(norms, norms)
    distances = ((z[:, None] - means[None]) ** 2).sum(2)
    return {
        "width": z.shape[1],
        "tcv": tcv,
        "normalized_tcv": tcv / tv,
        "nc1_pinv": np.trace(sw @ np.linalg.pinv(sb, rcond=1e-9)) / CLASSES,
        "nc1_quotient": np.trace(sw) / np.trace(sb),
        "cdnv": np.mean(
            [(v[k] + v[j]) / 2 / ((means[k] - means[j]) ** 2).sum() for k, j in pairs]
        ),
        "nc2_equinorm": norms.std() / norms.mean(),
        "nc2_equiangularity": np.mean([abs(cos[p] + 1 / (CLASSES - 1)) for p in pairs]),
        "nc4_mismatch": (distances.argmin(1) != predictions).mean(),
        "class_variation": list(v),
    }


def tail(matrix, rank):
    s = np.linalg.svd(matrix, compute_uv=False)
    return np.sqrt((s[rank:] ** 2).sum())


def certificate(w, z, delta, clusters):
    """z, delta: [N, positions, .]; clusters of the inputs."""
    n, positions = z.shape[:2]
    z, delta = z.reshape(n * positions, -1), delta.reshape(n * positions, -1)
    c = np.repeat(clusters, positions)
    g = z.T @ delta / n
    r = g + LAMBDA * w
    zbar = np.stack([z[c == k].mean(0) for k in range(CLASSES)])
    dbar = np.stack([delta[c == k].mean(0) for k in range(CLASSES)])
    uz, ud = z - zbar[c], delta - dbar[c]
    e = uz.T @ ud / n  # as defined, not as a difference
    p = np.linalg.svd(zbar, full_matrices=False)[2]
    q = np.linalg.svd(dbar, full_matrices=False)[2]
    # Directions of the means that are rounding only span nothing.
    p = p[: np.linalg.matrix_rank(zbar, 1e-10 * np.linalg.norm(zbar, 2))]
    q = q[: np.linalg.matrix_rank(dbar, 1e-10 * np.linalg.norm(dbar, 2))]
    left = lambda x: x - p.T @ (p @ x)
    right = lambda x: x - (x @ q.T) @ q
    norm = np.linalg.norm
    tz, td = (uz**2).sum() / n, (ud**2).sum() / n
    tzp, tdq = (right_of(uz, p) ** 2).sum() / n, (right_of(ud, q) ** 2).sum() / n
    se = np.linalg.svd(e, compute_uv=False)
    sr = np.linalg.svd(r, compute_uv=False)[0]
    return {
        "rows": w.shape[0],
        "cols": w.shape[1],
        "measured_distance": tail(w, CLASSES),
        "exact_bound": (norm(e) + norm(r)) / LAMBDA,
        "tcv_bound": (np.sqrt(tz * td) + norm(r)) / LAMBDA,
        "projected_bound": min(norm(left(e)) + norm(left(r)), norm(right(e)) + norm(right(r)))
        / LAMBDA,
        "projected_tcv_bound": min(
            np.sqrt(tzp * td) + norm(left(r)), np.sqrt(tz * tdq) + norm(right(r))
        )
        / LAMBDA,
        "stationarity": norm(r) / LAMBDA,
        "tcv_input": tz,
        "tcv_delta": td,
        "spectral_bound_r0": (se[0] + sr) / LAMBDA,
    }


def right_of(x, basis):
    return x - (x @ basis.T) @ basis


GEOMETRY = {
    "same": ((1, 1), "SAME", (1, 1)),
    "strided": ((2, 1), "SAME", (1, 1)),
    "dilated": ((1, 1), "VALID", (2, 3)),
}


def reference(name, net, x, y):
    seen = []

    with tf.GradientTape(persistent=True, watch_accessed_variables=False) as tape:

        def watch(layer, z, a):
            tape.watch(a)
            seen.append((layer, z, a))
            return a

        logits = net.run(tf.constant(x), watch)
        loss = tf.reduce_sum(
            tf.nn.softmax_cross_entropy_with_logits(tf.one_hot(y, CLASSES, dtype=tf.float64), logits)
        )
    predictions = logits.numpy().argmax(1)
    layers = {}
    for layer, z, a in seen:
        w = net.kernels[layer].numpy()
        z, delta = z.numpy(), tape.gradient(loss, a).numpy()
        n = len(y)
        if layer in GEOMETRY:
            stride, padding, dilation = GEOMETRY[layer]
            rows = patches(z, w.shape, stride, padding, dilation)
            deltas = delta.reshape(n, -1, delta.shape[-1])
            matrix = w.reshape(-1, w.shape[-1])
            maps = z.reshape(n, -1, z.shape[-1])
        else:
            split = 2 if layer == "projection" else 1
            m = int(np.prod(w.shape[:split]))
            rows = z.reshape(n, -1, m)
            deltas = delta.reshape(n, -1, int(np.prod(w.shape[split:])))
            matrix = w.reshape(m, -1)
            maps = rows
        assert rows.shape[:2] == deltas.shape[:2], (layer, rows.shape, deltas.shape)
        if layer in layers:  # the kernel's second use: more rows of the same matrix
            rows = np.concatenate([layers[layer]["rows"], rows], 1)
            deltas = np.concatenate([layers[layer]["deltas"], deltas], 1)
            maps = layers[layer]["maps"]
        layers[layer] = {"rows": rows, "deltas": deltas, "maps": maps, "matrix": matrix}
    result = {"lambda": LAMBDA, "layers": {}}
    for layer, found in layers.items():
        maps = found["maps"]
        views = {"vector" if maps.shape[1] == 1 else "flattened": maps.reshape(len(y), -1)}
        if maps.shape[1] > 1:
            mean = "spatial_mean" if layer in GEOMETRY else "position_mean"
            views[mean] = maps.mean(1)
        result["layers"][layer] = {
            "collapse": {view: collapse(z, y, predictions) for view, z in views.items()},
            "certificate": certificate(found["matrix"], found["rows"], found["deltas"], y),
        }
    with open(os.path.join(HERE, name + ".json"), "w") as out:
        json.dump(result, out, indent=1)
        out.write("\n")


def main():
    for name, net in (("maps", Maps()), ("sequence", Sequence())):
        y = np.arange(SAMPLES) % CLASSES
        centres = RNG.normal(size=(CLASSES,) + net.shape)
        x = centres[y] + 0.5 * RNG.normal(size=(SAMPLES,) + net.shape)
        np.savez(os.path.join(HERE, name + ".npz"), x=x, y=y)
        tf.saved_model.save(net, os.path.join(HERE, name), signatures={"serving_default": net.serve})
        reference(name, net, x, y)


if __name__ == "__main__":
    main()
